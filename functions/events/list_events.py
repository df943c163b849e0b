"""Read the feed of events."""

from bigledger.events import EventPage, EventQuery, read_feed
from bigledger.kernel import Context, operation


@operation("GET /api/v1/events")
def list_events(query: EventQuery, context: Context) -> EventPage:
    """Read what happened after a cursor, oldest first, and none of it is ever skipped.

    Keep ``next_cursor`` and ask with it again, as often as you like: at the end of the feed the page is empty.
    """
    return read_feed(query, context)
