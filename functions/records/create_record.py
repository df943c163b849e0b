"""Create a record of master data: a customer, a product, an account, a tax, and so on."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.kernel.operation import SIGNED_IN
from bigledger.records import RECORD_EVENTS, CodeTaken, FiscalYearsOverlap, NewRecord, Record, SeriesExists, create


@operation(
    "POST /api/v1/{resource}",
    status=201,
    permission=SIGNED_IN,
    emits=RECORD_EVENTS,
    problems=[CodeTaken, UnknownReference, FiscalYearsOverlap, SeriesExists],
)
def create_record(new: NewRecord, context: Context) -> Record:
    """Create a record under its code. The permission is the resource's own, such as records.create_customer."""
    return create(new, context)
