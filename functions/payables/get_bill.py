"""Read one bill."""

from bigledger.kernel import Context, operation
from bigledger.payables import Bill, BillReference, bills


@operation("GET /api/v1/bills/{id}")
def get_bill(reference: BillReference, context: Context) -> Bill:
    """Read a bill by its id or own number, with its posting and its events."""
    return bills.get(reference, context)
