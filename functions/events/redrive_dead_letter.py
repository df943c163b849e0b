"""Send an event again to the subscriber that could not take it."""

from bigledger.events import DeadLetter, DeadLetterRedriven, DeadLetterReference, redrive
from bigledger.kernel import Conflict, Context, StaleVersion, operation


@operation(
    "POST /api/v1/events/dead-letters/{id}/redrive", emits=[DeadLetterRedriven], problems=[Conflict, StaleVersion]
)
def redrive_dead_letter(reference: DeadLetterReference, context: Context) -> DeadLetter:
    """Send the event again to that subscriber alone, once what kept it from taking it is mended. Takes If-Match."""
    return redrive(reference, context)
