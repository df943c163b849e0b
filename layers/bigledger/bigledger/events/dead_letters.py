"""Events that a subscriber could not take: seen, and sent to it again."""

from datetime import datetime
from uuid import UUID

from bigledger.kernel import (
    Answer,
    Command,
    Context,
    Document,
    Event,
    Filter,
    ListQuery,
    Page,
    Reference,
    documents,
    event,
    listing,
)
from bigledger.kernel.dead_letters import TYPE, DeadLetterData, send_again


@event("dead_letter.redriven")
class DeadLetterRedriven(Event):
    """An event was sent again to a subscriber that could not take it before."""

    id: UUID
    consumer: str
    event_id: UUID
    event_type: str
    event_version: int


class DeadLetterList(ListQuery):
    """A list of dead letters; those that are open unless the status filter asks for others."""

    allowed_filters = {"status": Filter("status")}
    default_filters = {"status": "open"}


class DeadLetterReference(Command):
    """Names a dead letter by its id."""

    id: Reference


class DeadLetter(Answer):
    """An event that a subscriber, the ``consumer``, could not take, and why. Open, or redriven: sent to it again."""

    id: UUID
    status: str
    version: int
    consumer: str
    event_id: UUID
    event_type: str
    event_version: int
    subject: str
    reason: str
    created_at: datetime
    updated_at: datetime


def list_dead_letters(query: DeadLetterList, context: Context) -> Page[DeadLetter]:
    """A page of dead letters, the newest first."""
    found, cursor = listing.page(context, TYPE, query)
    return Page[DeadLetter](data=[_answer(listed.document) for listed in found], next_cursor=cursor)


def redrive(reference: DeadLetterReference, context: Context) -> DeadLetter:
    """Send the event again, to this subscriber alone. If it fails again, the letter is open again.

    Raises NotFound, StaleVersion, or Conflict for one that is on its way already.
    """
    letter = documents.get(context, TYPE, reference.id)
    documents.check_version(context, letter)
    documents.check_status(letter, ("open",), "redriven")
    send_again(context, letter)
    data = letter.read(DeadLetterData)
    context.emit(
        DeadLetterRedriven(
            id=letter.id,
            consumer=data.consumer,
            event_id=data.event_id,
            event_type=data.event_type,
            event_version=data.event_version,
        ),
        letter,
    )
    return _answer(letter)


def _answer(letter: Document) -> DeadLetter:
    return DeadLetter(
        id=letter.id,
        status=letter.status,
        version=letter.version,
        created_at=letter.created_at,
        updated_at=letter.updated_at,
        **dict(letter.read(DeadLetterData)),
    )
