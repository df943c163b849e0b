"""Collects everything one operation writes and flushes it in a single statement.

However many lines an invoice has, its rows travel as one JSON parameter into one statement with an INSERT per
table. Numbers are taken inside that statement: rows carry a token where the number belongs and Postgres fills
it in, so a series is locked only from there to the commit.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from bigledger.kernel.clock import Clock
from bigledger.kernel.database import ConcurrentChange, Parameter, Transaction
from bigledger.kernel.events import Event
from bigledger.kernel.flush import DOCUMENT, EVENT, LINK, OUTBOX, Table, flush_sql
from bigledger.kernel.serialization import json_text
from bigledger.kernel.sharing import Shares

if TYPE_CHECKING:
    from bigledger.kernel.context import Context
    from bigledger.kernel.documents import Document


@dataclass(frozen=True, slots=True)
class NumberRequest:
    """A number wanted from a series: ``prefix`` and ``width`` shape it, ``period`` restarts the count."""

    token: str
    series_id: UUID
    period: str
    prefix: str
    width: int


@dataclass(frozen=True, slots=True)
class Staged:
    """Rows of a table. The columns ``alike`` have one value in all of them that do not name another."""

    alike: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]


class UnitOfWork:
    """The reads and the staged writes of one transaction."""

    def __init__(self, transaction: Transaction, clock: Clock) -> None:
        self._transaction = transaction
        self._clock = clock
        self._rows: dict[Table, list[Staged]] = {}
        self._numbers: list[NumberRequest] = []
        self._new: list[Document] = []
        self._changed: dict[UUID, Document] = {}
        self.shares = Shares(clock)
        self.events: list[tuple[Event, Document]] = []
        self.configuration_changed = False

    @property
    def statements(self) -> int:
        """How many statements were sent so far besides begin and commit."""
        return self._transaction.statements

    def read(self, sql: str, **parameters: Parameter) -> Any:
        """Run a reading statement and answer its rows."""
        return self._transaction.rows(sql, **parameters)

    def read_json(self, sql: str, **parameters: Parameter) -> Any:
        """Run a statement that answers one JSON text, and parse it. Numbers in it must be whole or quoted."""
        row = self._transaction.row(sql, **parameters)
        return None if row is None or row[0] is None else orjson.loads(row[0])

    def append(self, table: Table, rows: Iterable[Mapping[str, Any]], alike: Mapping[str, Any] | None = None) -> None:
        """Stage rows of an append-only table.

        Columns that are ``alike`` in all rows that do not name them travel once; null is what nobody names.
        """
        found = list(rows)
        if found:
            self._rows.setdefault(table, []).append(Staged(alike or {}, found))

    def insert(self, document: "Document") -> None:
        """Stage a new document."""
        self._new.append(document)

    def change(self, document: "Document") -> None:
        """Stage the new state of a document; the version of one that was loaded moves up by one, once."""
        if document not in self._new and document.id not in self._changed:
            document.version += 1
            self._changed[document.id] = document

    def link(self, from_id: UUID, to_id: UUID, kind: str) -> None:
        """Stage a link of the traceability graph: ``from`` led to ``to``."""
        self.append(LINK, [{"from_id": from_id, "to_id": to_id, "kind": kind}])

    def number(self, series_id: UUID, period: str, prefix: str, width: int) -> str:
        """Ask for the next number of a series; the token answered is replaced by it in the flush."""
        token = f"~{self._clock.new_id().hex}~"
        self._numbers.append(NumberRequest(token, series_id, period, prefix, width))
        return token

    def emit(self, event: Event, subject: "Document", context: "Context") -> None:
        """Stage an event about a document, with its place in the sequence of that document's events."""
        subject.sequence += 1
        self.events.append((event, subject))
        event_id = self._clock.new_id()
        self.append(
            EVENT,
            [
                {
                    "id": event_id,
                    "type": event.type,
                    "version": event.version,
                    "source": event.source,
                    "subject_type": subject.type,
                    "subject_id": subject.id,
                    "sequence": subject.sequence,
                    "actor_id": context.actor.id,
                    "actor_kind": context.actor.kind,
                    "actor_name": context.actor.name,
                    "operation": context.request.operation,
                    "correlation_id": context.request.correlation_id,
                    "causation_id": context.request.causation_id,
                    "data": orjson.Fragment(event.model_dump_json(exclude_none=True, context=self.shares)),
                }
            ],
        )
        self.append(OUTBOX, [{"event_id": event_id, "destination": None}])

    def check_declared(self, name: str, emits: Collection[type[Event]]) -> None:
        """Raise RuntimeError for an event that the function of this name emitted and does not declare."""
        undeclared = {event.type for event, _ in self.events if type(event) not in emits}
        if undeclared:
            raise RuntimeError(f"{name} emits {sorted(undeclared)} without declaring it")

    def preview(self) -> dict[str, Any]:
        """What a dry run tells of its effects: the events that would have been published."""
        return {
            "events": [
                {
                    "type": event.type,
                    "version": event.version,
                    "subject": f"{subject.type}/{subject.id}",
                    "data": orjson.Fragment(event.model_dump_json(exclude_none=True)),
                }
                for event, subject in self.events
            ]
        }

    def staged(self, table: Table) -> list[Mapping[str, Any]]:
        """The rows staged so far for a table."""
        return [{**staged.alike, **row} for staged in self._rows.get(table, ()) for row in staged.rows]

    def flush(self) -> dict[str, str]:
        """Write everything staged in one statement; answers the number behind each token, and each shared list.

        Raises ConcurrentChange when a document is no longer in the version it was loaded in, and whatever
        the database refuses.
        """
        rows = dict(self._rows)
        if self._new:
            documents = Staged({}, [document.row(self.shares) for document in self._new])
            rows[DOCUMENT] = [*rows.get(DOCUMENT, ()), documents]
        if not rows and not self._changed and not self.configuration_changed:
            return dict(self.shares.places())
        # Postgres runs the later of these parts first: documents before what hangs on them, stock moves before
        # the reservations of what they bring.
        tables = tuple(sorted(rows, key=lambda table: (table == DOCUMENT, table.name)))
        grouped = frozenset(table for table in tables if any(staged.alike for staged in rows[table]))
        payload: dict[str, Any] = {
            table.name: rows[table] if table in grouped else [row for staged in rows[table] for row in staged.rows]
            for table in tables
        }
        if self._changed:
            payload["changed"] = [self._changed[key].row(self.shares) for key in sorted(self._changed)]
        parameters: dict[str, Parameter] = {"rows": json_text(payload)}
        if self._numbers:
            parameters["numbers"] = json_text(_counted(self._numbers))
        if (shared := self.shares.sent()) is not None:
            parameters["shared"] = shared
        sql = flush_sql(tables, grouped, frozenset(parameters), bool(self._changed), self.configuration_changed)
        row = self._transaction.row(sql, **parameters)
        if self._changed and row.changed != len(self._changed):
            raise ConcurrentChange("a document was changed by another request")
        behind: dict[str, str] = {**(orjson.loads(row.numbers) if self._numbers else {}), **self.shares.places()}
        self._rows, self._new, self._changed, self._numbers = {}, [], {}, []
        self.shares = Shares(self._clock)
        return behind


def filled(text: str, behind: Mapping[str, str]) -> str:
    """The text with each token replaced by what the flush answered for it."""
    for token, value in behind.items():
        text = text.replace(token, value)
    return text


def _counted(requests: list[NumberRequest]) -> list[dict[str, Any]]:
    """The requests with their place among those of the same series and period."""
    seen: Counter[tuple[UUID, str]] = Counter()
    counted = []
    for request in requests:
        key = (request.series_id, request.period)
        seen[key] += 1
        counted.append(
            {
                "token": request.token,
                "series_id": request.series_id,
                "period": request.period,
                "prefix": request.prefix,
                "width": request.width,
                "place": seen[key],
            }
        )
    return counted
