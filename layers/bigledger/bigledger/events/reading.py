"""Reading stored events in the order of the feed: pages that are bounded by number and by size."""

from collections.abc import Sequence
from typing import Any, NamedTuple
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

# Looked up apart from the row comparison, so that the index of the feed serves it.
_TRANSACTION = """
    CASE WHEN :beginning THEN 0 ELSE
    (SELECT a.transaction_id FROM kernel.event a WHERE a.id = cast(:after AS uuid)) END
"""

_KNOWN = "SELECT 1 FROM kernel.event WHERE id = cast(:after AS uuid)"


def read_page(
    context: Context, source: str, after: Position, limit: int, more: str = "NULL", **parameters: str | None
) -> tuple[Sequence[Any], bool]:
    """The stored events after a position, oldest first, and whether there are more after them.

    ``source`` is an SQL FROM clause with the events as ``e`` and a WHERE clause, ``more`` are further columns.
    One statement; two when there is nothing, to raise InvalidRequest for a position that is no event of the tenant.
    """
    rows = context.work.read(
        f"""
        WITH found AS (
            SELECT {_EVENT_COLUMNS}, {more} {source}
              AND (e.transaction_id, e.id) > ({_TRANSACTION}, cast(:after AS uuid))
            ORDER BY e.transaction_id, e.id LIMIT :limit),
        measured AS (
            SELECT found.*, count(*) OVER () AS found_in_all,
                   row_number() OVER (ORDER BY transaction_id, id) AS place,
                   sum(octet_length(body)) OVER (ORDER BY transaction_id, id) AS size_so_far
            FROM found)
        SELECT * FROM measured WHERE place = 1 OR (place < :limit AND size_so_far <= :budget)
        ORDER BY transaction_id, id
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
