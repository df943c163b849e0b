"""Release the stock reservations whose time is over."""

from bigledger.inventory import EXPIRED_PER_TRANSACTION, expire_due
from bigledger.kernel import schedule
from bigledger.kernel.tenants import Swept, for_each_tenant


@schedule("rate(1 minute)", timeout=600)
def release_expired_reservations() -> Swept:
    """Release what expired in every tenant. Nobody has to wait for it: expired reservations hold no stock."""
    return for_each_tenant("inventory.release_expired_reservations", expire_due, EXPIRED_PER_TRANSACTION)
