"""Read one event."""

from bigledger.events import EventReference, PublishedEvent, read_event
from bigledger.kernel import Context, operation


@operation("GET /api/v1/events/{id}")
def get_event(reference: EventReference, context: Context) -> PublishedEvent:
    """Read an event with its data: the way to data that was too large to be published (``dataref``)."""
    return read_event(reference, context)
