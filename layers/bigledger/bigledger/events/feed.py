"""The feed of events: everything that happened, in an order in which nothing is ever missed."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import Field, StringConstraints

from bigledger.events.reading import Source, next_cursor, read_page, read_position
from bigledger.kernel import Answer, Command, Context, NotFound, Reference
from bigledger.kernel.documents import is_id
from bigledger.kernel.events import envelope

# Only events of transactions that ended before the oldest one still running: whatever is recorded later comes later
# in the order. An event that commits late is so never skipped by a reader who was past its place already.
_FEED = """
    FROM kernel.event e
    WHERE e.transaction_id < cast(cast(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)
"""

_ONE = "SELECT *, data::text AS body FROM kernel.event WHERE id = cast(:id AS uuid)"


Subject = Annotated[str, StringConstraints(pattern=r"^[a-z_]+/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""A document's type and id, as events name what they are about."""


class EventQuery(Command):
    """Which events: those after a cursor, of a type such as invoice.created, of a subject such as invoice/0195…"""

    after: Annotated[str, StringConstraints(max_length=400)] | None = None
    type: Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+$", max_length=100)] | None = None
    subject: Subject | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class EventReference(Command):
    """Names an event by its id."""

    id: Reference


class PublishedEvent(Answer):
    """An event as it is published: the attributes of CloudEvents 1.0, those of BigLedger, and its data."""

    specversion: str
    id: UUID
    source: str
    type: str
    version: int
    subject: str
    time: str
    datacontenttype: str
    dataschema: str
    tenantid: UUID
    sequence: int
    actorid: str
    actorkind: str
    operation: str
    correlationid: str
    causationid: str | None = None
    data: dict[str, Any]


class EventPage(Answer):
    """A page of the feed. ``next_cursor`` is always there: ask with it again for what has happened since."""

    data: list[PublishedEvent]
    next_cursor: str


def read_feed(query: EventQuery, context: Context) -> EventPage:
    """The events after a position, oldest first; one statement.

    The order is that of the transactions, then of the ids. An event appears as soon as no older transaction runs.
    Raises InvalidRequest for a cursor that is none of ours.
    """
    after = read_position(query.after, "/after")
    source, filters = _FEED, {}
    if query.type is not None:
        source += " AND e.type = :type"
        filters["type"] = query.type
    if query.subject is not None:
        source += " AND e.subject_type = :subject_type AND e.subject_id = cast(:subject_id AS uuid)"
        filters["subject_type"], _, filters["subject_id"] = query.subject.partition("/")
    rows, _ = read_page(context, Source(source), after, query.limit, **filters)
    return EventPage(data=[_published(row) for row in rows], next_cursor=next_cursor(rows, after))


def read_event(reference: EventReference, context: Context) -> PublishedEvent:
    """One event with its data, however large. Raises NotFound."""
    rows = context.work.read(_ONE, id=reference.id) if is_id(reference.id) else []
    if not rows:
        raise NotFound(f"There is no event {reference.id}.")
    return _published(rows[0])


def _published(row: Any) -> PublishedEvent:
    return PublishedEvent(**envelope(row, orjson.loads(row.body)))
