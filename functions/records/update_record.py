"""Change a record of master data."""

from bigledger.kernel import Conflict, Context, StaleVersion, UnknownReference, operation
from bigledger.kernel.operation import SIGNED_IN
from bigledger.records import (
    RECORD_EVENTS,
    FiscalYearsOverlap,
    Record,
    RecordChange,
    RecordInUse,
    SeriesExists,
    update,
)


@operation(
    "PATCH /api/v1/{resource}/{id}",
    permission=SIGNED_IN,
    emits=RECORD_EVENTS,
    problems=[StaleVersion, UnknownReference, FiscalYearsOverlap, Conflict, RecordInUse, SeriesExists],
)
def update_record(change: RecordChange, context: Context) -> Record:
    """Replace the given fields of a record; its event keeps what they were before. Takes If-Match."""
    return update(change, context)
