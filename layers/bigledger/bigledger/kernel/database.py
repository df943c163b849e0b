"""The one door to Postgres: transactions on a driver chosen by ``DATABASE_URL``, and errors with a meaning.

Statements are plain SQL with ``:name`` parameters that are text, integers, booleans or null, cast in the SQL
where Postgres needs another type, so that they run alike on psycopg and on the RDS Data API.
"""

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from bigledger.kernel.faces import import_everything
from bigledger.kernel.observability import logger
from bigledger.kernel.problems import Conflict, InProgress, InvalidRequest, Problem, Unavailable
from bigledger.kernel.rows import named_rows
from bigledger.kernel.tally import count_statement

if TYPE_CHECKING:
    from sqlalchemy import Connection, Dialect, Engine, RootTransaction

Role = Literal["application", "dispatcher"]
Parameter = str | int | bool | None

URLS: Mapping[Role, str] = {"application": "DATABASE_URL", "dispatcher": "DISPATCHER_DATABASE_URL"}
"""The environment variable that names each role's database; for a function that only reads it names a reader's."""

_RETRY_STATES = {"40001", "40P01"}  # serialization failure, deadlock
_RETRY_CONSTRAINTS = {"event_sequence"}  # two requests went on from the same version of a document
_TAKEN_STATES = {"23505"}  # a unique key exists already: another request was faster, or an id was given twice
_BUSY_STATES = {"55P03"}  # lock not available in time
_SLOW_STATES = {"57014"}  # the statement was cancelled, which only its time limit does
_LARGE_STATES = {"54000"}  # more than the Data API takes or hands over at once
# The server or the way to it is gone, or it ended the transaction because nothing came for too long.
_DOWN_STATES = {"57P01", "57P02", "57P03", "53300", "08000", "08003", "08006", "08001", "25P03", "25P04"}
_LOST_STATES = {"57P02", "08000", "08003", "08006"}  # of those, the ones that leave open what became of a commit

_constraints: dict[str, Callable[[], Problem]] = {}


class IdTaken(Conflict):
    """Something else has the id that the caller gave."""

    title = "The id is in use"


class ConcurrentChange(Exception):
    """What was read is no longer true; the operation has to be tried again from the start."""

    def __init__(self, reason: str, problem: Problem | None = None) -> None:
        super().__init__(reason)
        self.problem = problem
        """What to tell the caller if trying again does not help; None for conflicts that always pass."""


def constraint(name: str, problem: Callable[[], Problem]) -> None:
    """Say which problem a violation of the named database constraint means.

    The code has checked the same rule before it wrote, so a violation means that another request came between;
    the operation is tried again, and its own check then refuses with all the facts. Only if that does not
    happen is this problem told.
    """
    _constraints[name] = problem


class Transaction:
    """An open transaction; ``statements`` counts what was sent besides begin and commit.

    The Data API may take several calls for a statement of more than a megabyte; it counts as one.
    Without a connection it stands for no transaction at all: an operation that needs none gets that.
    """

    def __init__(self, connection: "Connection | None") -> None:
        self._connection = connection
        self.statements = 0
        self.kept = True
        self.sound = True
        """Whether the database goes on with it: after an error it takes nothing but the rollback."""

    def discard(self) -> None:
        """Roll back at the end instead of committing."""
        self.kept = False

    def rows(self, sql: str, **parameters: Parameter) -> Sequence[Any]:
        """Run a statement and answer its rows.

        Raises ConcurrentChange, Unavailable, or the problem registered for the violated constraint.
        """
        connection = self._connection
        if connection is None:
            raise RuntimeError("this operation runs without a transaction and cannot read or write")
        self.statements += 1
        count_statement()
        try:
            with closing(connection.connection.cursor()) as cursor:
                cursor.execute(_written(sql, connection.dialect), parameters)
                return named_rows(cursor)
        except connection.dialect.loaded_dbapi.Error as error:
            self.sound = False
            raise translated(error, _gone(connection, error)) from error

    def row(self, sql: str, **parameters: Parameter) -> Any:
        """The first row of a statement, or None."""
        rows = self.rows(sql, **parameters)
        return rows[0] if rows else None


@lru_cache(maxsize=1024)
def _written(sql: str, dialect: "Dialect") -> str:
    """The statement with its parameters as the driver takes them, and without the indentation of its lines: psycopg
    reads one of more than 4 kB anew with every call.
    """
    from sqlalchemy import text

    return str(text(re.sub(r"\n\s+", "\n", sql)).compile(dialect=dialect))


def _gone(connection: "Connection", error: Exception) -> bool:
    """Whether the connection is lost; then none of those that were made before is used again."""
    lost = connection.dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    if lost:
        connection.invalidate(error)
        connection.engine.dispose()
    return lost


@lru_cache(maxsize=8)
def _engine(url: str) -> "Engine":
    from sqlalchemy import create_engine
    from sqlalchemy.dialects import registry

    registry.register("postgresql.auroradataapi", "bigledger.kernel.data_api", "DataApiDialect")
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.removeprefix("postgresql://")
    return create_engine(
        url,
        pool_size=8,
        max_overflow=0,
        pool_timeout=10,
        pool_reset_on_return="rollback",
        json_deserializer=parsed_json,
    )


def parsed_json(text: str | bytes) -> Any:
    """What a json or jsonb column answers that was not cast to text; numbers that are not whole become Decimal."""
    return json.loads(text, parse_float=Decimal)


def engine(role: Role = "application") -> "Engine":
    """The engine for a database role; raises Unavailable when its URL is not configured."""
    url = os.environ.get(URLS[role])
    if not url:
        raise Unavailable(f"The environment variable {URLS[role]} does not name a database.")
    return _engine(url)


def prepare() -> None:
    """Make the engines, and the clients below them, of the databases that the environment names. Nobody is called."""
    for role, variable in URLS.items():
        if os.environ.get(variable):
            made = engine(role)
            made.dialect.create_connect_args(made.url)


@contextmanager
def transaction(role: Role = "application") -> Iterator[Transaction]:
    """Open a transaction; it commits when the block ends and rolls back when it raises."""
    from sqlalchemy.exc import DBAPIError, TimeoutError

    try:
        with engine(role).connect() as connection:
            begun = connection.begin()
            open_transaction = Transaction(connection)
            yield open_transaction
            if open_transaction.kept:
                _commit(begun)
            else:
                begun.rollback()
    except DBAPIError as error:
        raise translated(error.orig, error.connection_invalidated) from error
    except TimeoutError as error:
        raise Unavailable("All database connections are busy. Try again in a moment.") from error


def _commit(begun: "RootTransaction") -> None:
    """Commit. When no answer to that comes, the work may be done: Unavailable then says so, in ``outcome`` as well."""
    from sqlalchemy.exc import DBAPIError

    try:
        begun.commit()
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        told = translated(error.orig, error.connection_invalidated)
        if isinstance(told, Unavailable) and (state is None or state in _LOST_STATES):
            told = Unavailable(
                "The database went away while this was being saved, so it may be done or not. Send the same request"
                " again with its Idempotency-Key, or look before you repeat it.",
                outcome="unknown",
            )
        raise told from error


def translated(error: Any, gone: bool) -> Exception:
    """The meaning of a driver's error: a problem, ConcurrentChange, or the error itself when it has none.

    The errors of both drivers tell the SQLSTATE and the constraint in the same attributes, psycopg's. ``gone`` says
    that the connection is lost.
    """
    state = getattr(error, "sqlstate", None)
    name = getattr(getattr(error, "diag", None), "constraint_name", None)
    if state in _RETRY_STATES or name in _RETRY_CONSTRAINTS:
        return ConcurrentChange(f"postgres {state}")
    if state in _BUSY_STATES:
        return InProgress("Another request holds what this one needs. Try again in a moment.")
    if state in _SLOW_STATES:
        return Unavailable("The database took too long. Nothing was changed; ask for less, or try again.")
    if state in _LARGE_STATES:
        return InvalidRequest("This is more than the database takes or hands over at once. Ask for less, or in parts.")
    if state in _DOWN_STATES or gone or (state is None and _lost(error)):
        logger.warning("database unavailable", extra={"reason": str(error)})
        return Unavailable("The database does not answer just now. Nothing was changed; try again.")
    if state is not None and state.startswith("22"):
        return InvalidRequest("A value is out of range or not of the form expected. Check ids, dates and cursors.")
    if name and name not in _constraints:  # what gives it a meaning may not have been imported yet
        import_everything()
    if name in _constraints:
        return ConcurrentChange(f"constraint {name}", _constraints[name]())
    if state in _TAKEN_STATES:
        return ConcurrentChange(
            f"constraint {name}", IdTaken("The id is in use already. Choose another, or leave it out.")
        )
    return error  # type: ignore[no-any-return]


def _lost(error: Any) -> bool:
    return type(error).__name__ in {"OperationalError", "InterfaceError"}
