"""Post the recurring entries that are due."""

from bigledger.kernel import schedule
from bigledger.kernel.tenants import Swept, for_each_tenant
from bigledger.ledger import templates


@schedule("rate(1 day)", timeout=600)
def post_recurring_entries() -> Swept:
    """Run the recurring journal templates of every tenant for what they are due."""
    return for_each_tenant("ledger.post_recurring_entries", templates.run_all_due, templates.RUNS_PER_TRANSACTION)
