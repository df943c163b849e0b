"""Release a bill that is on hold."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.payables import Bill, BillReference, BillReleased, holding


@operation("POST /api/v1/bills/{id}/release", status=200, emits=[BillReleased], problems=[Conflict, StaleVersion])
def release_bill(command: BillReference, context: Context) -> Bill:
    """Let a bill that was on hold be paid again."""
    return holding.release(command, context)
