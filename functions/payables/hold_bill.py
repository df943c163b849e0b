"""Put a bill on hold."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.payables import Bill, BillHeld, HoldBill, holding


@operation("POST /api/v1/bills/{id}/hold", status=200, emits=[BillHeld], problems=[Conflict, StaleVersion])
def hold_bill(command: HoldBill, context: Context) -> Bill:
    """Keep a bill from being paid until it is released: payment runs leave it out."""
    return holding.hold(command, context)
