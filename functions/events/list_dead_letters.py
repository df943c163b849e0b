"""List the events that a subscriber could not take."""

from bigledger.events import DeadLetter, DeadLetterList
from bigledger.events import list_dead_letters as list_all
from bigledger.kernel import Context, Page, operation


@operation("GET /api/v1/events/dead-letters")
def list_dead_letters(query: DeadLetterList, context: Context) -> Page[DeadLetter]:
    """List dead letters with their reasons, the newest first: the open ones, or those of the status asked for."""
    return list_all(query, context)
