"""Recognise deferrals when they are due."""

from bigledger.kernel import schedule
from bigledger.kernel.tenants import Swept, for_each_tenant
from bigledger.ledger import recognition


@schedule("rate(1 day)", timeout=600)
def recognise_deferrals() -> Swept:
    """Recognise in every tenant what is due."""
    return for_each_tenant(
        "ledger.recognise_deferrals", recognition.run_all_due, recognition.RECOGNISED_PER_TRANSACTION
    )
