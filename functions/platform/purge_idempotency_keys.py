"""Forget the answers to requests that nobody repeats any more."""

from bigledger.kernel import schedule
from bigledger.kernel.idempotency import Purged, purge


@schedule("rate(1 day)", role="dispatcher", timeout=600)
def purge_idempotency_keys() -> Purged:
    """Delete the answers that were kept for repeated requests for 30 days, in every tenant."""
    return purge()
