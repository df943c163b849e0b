"""Void a bill."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import DatedTooEarly, DeferralReduced, PeriodClosed
from bigledger.payables import Bill, BillCancelled, BillSettled, VoidBill, bills
from bigledger.workflow import ApprovalWithdrawn


@operation(
    "POST /api/v1/bills/{id}/void",
    emits=[DeferralReduced, BillCancelled, ApprovalWithdrawn],
    problems=[Conflict, StaleVersion, BillSettled, DatedTooEarly, PeriodClosed],
)
def void_bill(command: VoidBill, context: Context) -> Bill:
    """Void an unpaid bill: its entry is reversed, its own number kept, the supplier's number free again."""
    return bills.void(command, context)
