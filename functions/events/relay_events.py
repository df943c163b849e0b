"""Publish what waits in the outbox."""

from bigledger.kernel import schedule
from bigledger.kernel.relay import Relayed, relay


@schedule("rate(1 minute)", role="dispatcher")
def relay_events() -> Relayed:
    """Take committed events to the bus; functions also call it as soon as there are some."""
    return relay()
