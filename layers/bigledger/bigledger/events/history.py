"""The history of a document: who did what to it and to the documents that belong to it, and when."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import Field, StringConstraints

from bigledger.events.reading import Source, next_cursor, read_page, read_position
from bigledger.kernel import Answer, Command, Context, NotFound, Page, Reference
from bigledger.kernel.documents import is_id

# A document that is linked in several ways tells its events once, under the first of the links' kinds.
_HISTORY = """
    FROM (SELECT DISTINCT ON (id) id, relation, direction
          FROM (SELECT cast(:document AS uuid) AS id, 'self' AS relation, NULL AS direction, 0 AS distance
                UNION ALL
                SELECT to_id, kind, 'to', 1 FROM kernel.document_link WHERE from_id = cast(:document AS uuid)
                UNION ALL
                SELECT from_id, kind, 'from', 1 FROM kernel.document_link WHERE to_id = cast(:document AS uuid)) every
          ORDER BY id, distance, relation, direction) known
    JOIN kernel.event e ON e.subject_id = known.id
    JOIN kernel.document d ON d.id = known.id
    WHERE true
"""


class HistoryQuery(Command):
    """Whose history: the document with this id."""

    id: Reference
    cursor: Annotated[str, StringConstraints(max_length=400)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class HistorySubject(Answer):
    """The document something happened to."""

    type: str
    id: UUID
    number: str | None = None


class EventActor(Answer):
    """Who did it: a user, an API key, an applet, the operator or the system itself."""

    id: str
    kind: str
    name: str


class HistoryEntry(Answer):
    """Something that happened: what (the event's type and data), when, by whom, through which operation.

    ``relation`` is ``self`` for the document's own events; otherwise the kind of link, and ``direction`` says
    whether the document led ``to`` the other or came ``from`` it.
    """

    id: UUID
    time: datetime
    type: str
    version: int
    document: HistorySubject
    relation: str
    direction: Literal["to", "from"] | None = None
    actor: EventActor
    operation: str
    correlation_id: str
    causation_id: str | None = None
    data: dict[str, Any]


def read_history(query: HistoryQuery, context: Context) -> Page[HistoryEntry]:
    """A page of a document's history, the newest last; one statement, two when there is nothing to tell.

    Raises NotFound, also for another tenant's document, and InvalidRequest for a cursor that is none of ours.
    """
    after = read_position(query.cursor, "/cursor", query.id.lower())
    if not is_id(query.id):
        raise _not_found(query)
    rows, more = read_page(
        context, Source(_HISTORY, "known.relation, known.direction, d.number"), after, query.limit, document=query.id
    )
    if not rows and not context.work.read("SELECT 1 FROM kernel.document WHERE id = cast(:id AS uuid)", id=query.id):
        raise _not_found(query)
    return Page[HistoryEntry](
        data=[_entry(row) for row in rows],
        next_cursor=next_cursor(rows, after) if more else None,
    )


def _not_found(query: HistoryQuery) -> NotFound:
    return NotFound(f"There is no document {query.id}. A document is named by its id here.")


def _entry(row: Any) -> HistoryEntry:
    return HistoryEntry(
        id=row.id,
        time=row.recorded_at,
        type=row.type,
        version=row.version,
        document=HistorySubject(type=row.subject_type, id=row.subject_id, number=row.number),
        relation=row.relation,
        direction=row.direction,
        actor=EventActor(id=row.actor_id, kind=row.actor_kind, name=row.actor_name),
        operation=row.operation,
        correlation_id=row.correlation_id,
        causation_id=row.causation_id,
        data=orjson.loads(row.body),
    )
