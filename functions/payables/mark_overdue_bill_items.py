"""Mark which bills are overdue, by the clock."""

from bigledger.kernel import schedule
from bigledger.kernel.tenants import Swept, for_each_tenant
from bigledger.ledger import MARKED_PER_TRANSACTION
from bigledger.payables import mark_due_bills


@schedule("rate(1 hour)", timeout=600)
def mark_overdue_bill_items() -> Swept:
    """Tell of what is owed to suppliers and past its due date in every tenant, once of each."""
    return for_each_tenant("payables.mark_overdue_bill_items", mark_due_bills, MARKED_PER_TRANSACTION)
