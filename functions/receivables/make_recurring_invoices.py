"""Make the recurring invoices that are due, by the clock."""

from bigledger.kernel import schedule
from bigledger.kernel.tenants import Swept, for_each_tenant
from bigledger.receivables import make_due


@schedule("rate(1 hour)", timeout=600)
def make_recurring_invoices() -> Swept:
    """Make what schedules are due for in every tenant, an invoice in a transaction."""
    return for_each_tenant("receivables.make_recurring_invoices", make_due, 1)
