"""Connections to Postgres for the RDS Data API of this machine: one per statement or transaction at a time, kept."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from devtools.local.rds_data_errors import DataApiError, database_error, refused
from devtools.local.rds_data_values import Binding

_DONE = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK, pq.ExecStatus.EMPTY_QUERY)


class SessionLost(Exception):
    """The connection to Postgres is no more."""


@dataclass
class Session:
    """A connection of a role to a database; `types` are those that were made there, as far as they were met."""

    connection: pq.abc.PGconn
    url: str
    database: str | None
    types: dict[int, tuple[str, bool]]

    def run(self, sql: str, values: Sequence[Binding] = ()) -> pq.abc.PGresult:
        """Send one statement. Raises DataApiError with what Postgres says, and SessionLost when it is gone."""
        texts = [text for _, text in values]
        if any(text is not None and b"\0" in text for text in texts):
            raise database_error('ERROR: invalid byte sequence for encoding "UTF8": 0x00; SQLState: 22021')
        try:
            result = self.connection.exec_params(sql.encode(), texts, [oid for oid, _ in values])
        except psycopg.OperationalError as error:
            raise SessionLost(str(error)) from error
        if result.status in _DONE:
            return result
        if self.connection.status != pq.ConnStatus.OK:
            raise SessionLost(self.connection.error_message.decode())
        raise refused(result)

    def own_type(self, oid: int) -> tuple[str, bool]:
        """Name and "is an enumeration" of a type that was made in the database."""
        if oid not in self.types:
            sql = "SELECT typname, typtype = 'e' FROM pg_catalog.pg_type WHERE oid = $1"
            result = self.run(sql, [(26, str(oid).encode())])
            name, is_enumeration = result.get_value(0, 0) or b"", result.get_value(0, 1)
            self.types[oid] = name.decode(), is_enumeration == b"t"
        return self.types[oid]


class Sessions:
    """The connections that are not in use at this moment."""

    def __init__(self, statement_timeout: float, idle_timeout: float) -> None:
        self._options = " ".join(
            [
                f"-c statement_timeout={int(statement_timeout * 1000)}",
                f"-c idle_in_transaction_session_timeout={int(idle_timeout * 1000)}",
                "-c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres -c bytea_output=hex",
            ]
        )
        self._lock = threading.Lock()
        self._idle: dict[tuple[str, str | None], list[Session]] = {}
        self._types: dict[str | None, dict[int, tuple[str, bool]]] = {}

    def take(self, url: str, database: str | None) -> Session:
        """A connection of a URL's role to a database, by default the one of the role's name; without a past."""
        with self._lock:
            idle = self._idle.get((url, database))
            if idle:
                return idle.pop()
        name = database or str(conninfo_to_dict(url).get("user"))
        connection = pq.PGconn.connect(make_conninfo(url, dbname=name, options=self._options).encode())
        if connection.status != pq.ConnStatus.OK:
            message = connection.error_message.decode().rpartition("FATAL:")[2].strip()
            connection.finish()
            raise _cannot_connect(message)
        with self._lock:
            return Session(connection, url, database, self._types.setdefault(database, {}))

    def give_back(self, session: Session) -> None:
        """Roll back what is open, and keep the connection for the next who needs one like it."""
        if session.connection.status == pq.ConnStatus.OK:
            if session.connection.transaction_status != pq.TransactionStatus.IDLE:
                session.connection.exec_(b"ROLLBACK")
            if session.connection.exec_(b"DISCARD ALL").status == pq.ExecStatus.COMMAND_OK:
                with self._lock:
                    self._idle.setdefault((session.url, session.database), []).append(session)
                return
        session.connection.finish()

    def close(self) -> None:
        """End the connections that are not in use."""
        with self._lock:
            sessions = [session for idle in self._idle.values() for session in idle]
            self._idle.clear()
        for session in sessions:
            session.connection.finish()


def _cannot_connect(message: str) -> DataApiError:
    """The answer when Postgres does not let a role in; what it says then comes without its SQLSTATE."""
    if message.startswith("database") and message.endswith("does not exist"):
        return database_error(f"ERROR: {message}; SQLState: 3D000")
    return DataApiError("DatabaseUnavailableException", message, 504)
