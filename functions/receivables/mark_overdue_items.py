"""Mark what is overdue, by the clock."""

from bigledger.kernel import schedule
from bigledger.kernel.tenants import Swept, for_each_tenant
from bigledger.ledger import MARKED_PER_TRANSACTION
from bigledger.receivables import mark_due


@schedule("rate(1 hour)", timeout=600)
def mark_overdue_items() -> Swept:
    """Tell of what is past its due date in every tenant, once of each; companies are in many time zones."""
    return for_each_tenant("receivables.mark_overdue_items", mark_due, MARKED_PER_TRANSACTION)
