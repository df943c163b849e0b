"""Take a record of master data out of use."""

from bigledger.kernel import Context, StaleVersion, operation
from bigledger.kernel.operation import SIGNED_IN
from bigledger.records import RECORD_EVENTS, Record, RecordInUse, RecordReference, archive


@operation(
    "DELETE /api/v1/{resource}/{id}",
    permission=SIGNED_IN,
    emits=RECORD_EVENTS,
    problems=[StaleVersion, RecordInUse],
)
def archive_record(reference: RecordReference, context: Context) -> Record:
    """Archive a record: it stays readable, documents that name it stay as they are, new ones cannot use it."""
    return archive(reference, context)
