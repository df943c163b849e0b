"""Reading stored events in the order of the feed: pages that are bounded by number and by size."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple
from uuid import UUID

from bigledger.kernel import Context, InvalidRequest
from bigledger.kernel.listing import bad_cursor, cursor, read_cursor

BUDGET = 1024 * 1024
"""The bytes of data after which a page ends; an event that is larger stands on a page of its own."""

BEGINNING = UUID(int=0)


class Position(NamedTuple):
    """A place in the order of events: the id of the last one read, BEGINNING when there is none.

    ``pointer`` is where the caller wrote its cursor; ``of`` is the id of the document whose history is read, empty
    for the feed.
    """

    last: UUID
    pointer: str
    of: str = ""


_EVENT_COLUMNS = """
    e.tenant_id, e.id, e.type, e.version, e.source, e.subject_type, e.subject_id, e.sequence, e.actor_id, e.actor_kind,
    e.actor_name, e.operation, e.correlation_id, e.causation_id, e.recorded_at, e.transaction_id, e.data::text AS body
"""

Order = Literal["transaction_id", "recorded_at"]
"""In which order events are read: of their transactions, as the feed has them, or of time. An index serves either."""


class Source(NamedTuple):
    """Which events are read: an SQL FROM clause with them as ``e`` and a WHERE clause.

    ``more`` are further columns, ``given`` common table expressions that these may use, each with a comma behind it.
    """

    sql: str
    more: str = "NULL"
    order: Order = "transaction_id"
    given: str = ""


_BEGINNINGS: Mapping[Order, str] = {"transaction_id": "0", "recorded_at": "cast('-infinity' AS timestamptz)"}

# Looked up apart from the row comparison, so that an index serves it.
_PLACE = """
    CASE WHEN :beginning THEN {beginning} ELSE
    (SELECT a.{order} FROM kernel.event a WHERE a.id = cast(:after AS uuid)) END
"""

_KNOWN = "SELECT 1 FROM kernel.event WHERE id = cast(:after AS uuid)"


def read_page(
    context: Context, source: Source, after: Position, limit: int, **parameters: str | None
) -> tuple[Sequence[Any], bool]:
    """The stored events after a position, oldest first, and whether there are more after them.

    One statement; two when there is nothing, to raise InvalidRequest for a position that is no event of the tenant.
    """
    sql, more, order, given = source
    rows = context.work.read(
        f"""
        WITH {given} found AS (
            SELECT {_EVENT_COLUMNS}, {more} {sql}
              AND (e.{order}, e.id) >
                  ({_PLACE.format(order=order, beginning=_BEGINNINGS[order])}, cast(:after AS uuid))
            ORDER BY e.{order}, e.id LIMIT :limit),
        measured AS (
            SELECT found.*, count(*) OVER () AS found_in_all,
                   row_number() OVER (ORDER BY {order}, id) AS place,
                   sum(octet_length(body)) OVER (ORDER BY {order}, id) AS size_so_far
            FROM found)
        SELECT * FROM measured WHERE place = 1 OR (place < :limit AND size_so_far <= :budget)
        ORDER BY {order}, id
        """,
        after=str(after.last),
        beginning=after.last == BEGINNING,
        limit=limit + 1,
        budget=BUDGET,
        **parameters,
    )
    if not rows and after.last != BEGINNING and not context.work.read(_KNOWN, after=str(after.last)):
        raise bad_cursor(after.pointer)
    return rows, bool(rows) and rows[0].found_in_all > len(rows)


def next_cursor(rows: Sequence[Any], after: Position) -> str:
    """The cursor after these events; the one before them when there are none."""
    last = str(rows[-1].id if rows else after.last)
    return cursor(after.of, last) if after.of else cursor(last)


def read_position(text: str | None, pointer: str, of: str = "") -> Position:
    """The position of a cursor, the beginning without one.

    Raises InvalidRequest when it is none of ours, or of another document's history.
    """
    if text is None:
        return Position(BEGINNING, pointer, of)
    try:
        *given, last = read_cursor(text, 2 if of else 1)
        if given not in ([], [of]):
            raise bad_cursor(pointer)
        return Position(UUID(last), pointer, of)
    except (InvalidRequest, ValueError) as error:
        raise bad_cursor(pointer) from error
