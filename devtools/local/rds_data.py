"""The RDS Data API over a Postgres of this machine: what Aurora's endpoint does, with its limits and its refusals.

A secret stands for a database role, as in AWS, where it holds the role's name and password. Statements go to Postgres
with the parameter types that the service sends (text, bigint, boolean, double precision, bytea, and those of the type
hints), so that a cast that is missing there is missing here too. Transactions that nobody uses are ended by Postgres.

Not emulated: IAM. Of a cluster that pauses, what it answers while it wakes up: see `DataApi.pause`.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from psycopg import pq

from devtools.local.rds_data_errors import DataApiError, bad_request, database_error, not_found, validation
from devtools.local.rds_data_sessions import Session, SessionLost, Sessions
from devtools.local.rds_data_sql import numbered
from devtools.local.rds_data_values import Binding, Options, as_json, bindings, columns, records

SQL_LIMIT = 65536  # characters

_EXPIRED = "Transaction may be expired."
_TERMINATED = "One previous call resulted in a termination of your transaction."
_ABORTED = "Transaction has been aborted due to an error from a previous call."
_RESUMING = "The Aurora DB instance {arn} is resuming after being auto-paused. Please wait a few seconds and try again."
_REMEMBERED = 1000  # transactions that ended, and why

Request = Mapping[str, Any]
Answer = dict[str, Any]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Cluster:
    """What the endpoint serves: the cluster's ARN, and for each secret's ARN the URL of the role that it holds."""

    arn: str
    secrets: Mapping[str, str]
    statement_timeout: float = 45.0
    """Seconds."""
    idle_timeout: float = 180.0
    """Seconds after which a transaction that no call uses is rolled back."""
    transaction_timeout: float = 24 * 60 * 60.0
    """Seconds after which a transaction is rolled back, however much it is used."""


@dataclass
class _Transaction:
    """An open transaction; `busy` is held while a statement runs, `used` is when the last one began."""

    session: Session
    secret: str
    begun: float
    used: float
    busy: threading.Lock = field(default_factory=threading.Lock)


class DataApi:
    """The operations of the service; `calls` counts them by name."""

    def __init__(self, cluster: Cluster) -> None:
        self.calls: Counter[str] = Counter()
        self._cluster = cluster
        self._sessions = Sessions(cluster.statement_timeout, cluster.idle_timeout)
        self._lock = threading.Lock()
        self._open: dict[str, _Transaction] = {}
        self._ended: dict[str, str] = {}
        self._asleep = 0
        self._operations: Mapping[str, Callable[[Request], Answer]] = {
            "BeginTransaction": self._begin,
            "CommitTransaction": self._commit,
            "RollbackTransaction": self._rollback,
            "Execute": self._execute,
            "BatchExecute": self._batch,
        }

    def call(self, operation: str, request: Request) -> Answer:
        """Answer a request. Raises DataApiError with what the service would say."""
        if operation not in self._operations:
            raise DataApiError("UnknownOperationException", f"There is no operation {operation}", 404)
        with self._lock:
            self.calls[operation] += 1
        self._check(request)
        self._wake()
        try:
            return self._operations[operation](request)
        except SessionLost as lost:
            raise DataApiError("DatabaseUnavailableException", str(lost), 504) from lost

    def pause(self, calls: int) -> None:
        """Let the database pause: as it does, it ends what is open; it is awake again after so many calls."""
        for transaction_id in list(self._open):
            self._forget(transaction_id, _EXPIRED)
        with self._lock:
            self._asleep = calls

    def close(self) -> None:
        """End all connections, and with them what was not committed."""
        for transaction_id in list(self._open):
            self._forget(transaction_id, _EXPIRED)
        self._sessions.close()

    def _check(self, request: Request) -> None:
        for name in ("resourceArn", "secretArn"):
            if not request.get(name):
                raise validation(f"{name} is missing")
        if request.get("schema"):
            raise validation("The schema parameter isn't supported")
        if request["resourceArn"] != self._cluster.arn:
            name = str(request["resourceArn"]).rpartition(":")[2]
            raise DataApiError("HttpEndpointNotEnabledException", f"HttpEndpoint is not enabled for cluster {name}")
        if request["secretArn"] not in self._cluster.secrets:
            raise DataApiError("SecretsErrorException", "Secrets Manager can't find the specified secret.")

    def _wake(self) -> None:
        with self._lock:
            if not self._asleep:
                return
            self._asleep -= 1
        raise DataApiError("DatabaseResumingException", _RESUMING.format(arn=self._cluster.arn))

    # ---- transactions -----------------------------------------------------------------------------------------------

    def _begin(self, request: Request) -> Answer:
        self._forget_expired()
        session = self._take(request)
        try:
            session.run("BEGIN")
        except BaseException:
            self._sessions.give_back(session)
            raise
        transaction_id = secrets.token_urlsafe(138)
        with self._lock:
            now = time.monotonic()
            self._open[transaction_id] = _Transaction(session, request["secretArn"], now, now)
        return {"transactionId": transaction_id}

    def _commit(self, request: Request) -> Answer:
        self._end(request, "COMMIT")
        return {"transactionStatus": "Transaction Committed"}

    def _rollback(self, request: Request) -> Answer:
        self._end(request, "ROLLBACK")
        return {"transactionStatus": "Rollback Complete"}

    def _end(self, request: Request, how: str) -> None:
        def end(session: Session) -> None:
            try:
                session.run(how)
            finally:
                self._forget(str(request["transactionId"]), _TERMINATED)

        if not request.get("transactionId"):
            raise validation("transactionId is missing")
        self._within(request, end)

    def _within(self, request: Request, work: Callable[[Session], Result]) -> Result:
        """Do something in the transaction that a request names."""
        transaction_id = str(request["transactionId"])
        self._forget_expired()
        with self._lock:
            transaction = self._open.get(transaction_id)
            why = self._ended.get(transaction_id, _EXPIRED)
        if transaction is None:
            raise not_found(transaction_id, why)
        if request["secretArn"] != transaction.secret:
            raise bad_request("The secret is not the one of the transaction")
        if request.get("database") and request["database"] != transaction.session.database:
            raise database_error("Database name is not the same as transaction")
        if not transaction.busy.acquire(blocking=False):
            raise database_error("Transaction is still running a query")
        try:
            transaction.used = time.monotonic()
            return work(transaction.session)
        except SessionLost as lost:
            self._forget(transaction_id, _EXPIRED)
            raise not_found(transaction_id, _EXPIRED) from lost
        except DataApiError as error:
            if error.aborts:
                self._forget(transaction_id, _ABORTED)
            raise
        finally:
            transaction.busy.release()

    def _forget(self, transaction_id: str, why: str) -> None:
        """Let go of a transaction, rolled back if it was not committed."""
        with self._lock:
            transaction = self._open.pop(transaction_id, None)
            if transaction is None:
                return
            self._ended[transaction_id] = why
            while len(self._ended) > _REMEMBERED:
                del self._ended[next(iter(self._ended))]
        self._sessions.give_back(transaction.session)

    def _forget_expired(self) -> None:
        """Let go of transactions that take too long, and of those that Postgres ended and nobody asked for again."""
        now = time.monotonic()
        unused, begun = now - 2 * self._cluster.idle_timeout, now - self._cluster.transaction_timeout
        with self._lock:
            old = [key for key, one in self._open.items() if one.used < unused or one.begun < begun]
            expired = [key for key in old if not self._open[key].busy.locked()]
        for transaction_id in expired:
            self._forget(transaction_id, _EXPIRED)

    # ---- statements -------------------------------------------------------------------------------------------------

    def _execute(self, request: Request) -> Answer:
        sql, names = _statement(request)
        values = _ordered(names, bindings(request.get("parameters") or []))
        asked = request.get("resultSetOptions") or {}
        options = Options(asked.get("decimalReturnType", "STRING"), asked.get("longReturnType", "LONG"))

        def execute(session: Session) -> Answer:
            result = session.run(sql, values)
            if result.status != pq.ExecStatus.TUPLES_OK:
                return {"generatedFields": [], "numberOfRecordsUpdated": result.command_tuples or 0}
            described = columns(result, session.own_type)
            rows = records(result, described, options)
            if request.get("formatRecordsAs") == "JSON":
                return {"formattedRecords": as_json(rows, described), "numberOfRecordsUpdated": 0}
            metadata = [column.metadata() for column in described]
            told = {"columnMetadata": metadata} if request.get("includeResultMetadata") else {}
            return {**told, "numberOfRecordsUpdated": 0, "records": rows}

        return self._continued(request, execute) if request.get("continueAfterTimeout") else self._do(request, execute)

    def _batch(self, request: Request) -> Answer:
        sql, names = _statement(request)
        sets = [_ordered(names, bindings(one)) for one in request.get("parameterSets") or []]

        def execute(session: Session) -> Answer:
            for values in sets:
                session.run(sql, values)
            return {"updateResults": [{"generatedFields": []} for _ in sets]}

        def all_or_nothing(session: Session) -> Answer:
            session.run("BEGIN")
            answer = execute(session)
            session.run("COMMIT")
            return answer

        return self._do(request, execute if request.get("transactionId") else all_or_nothing)

    def _take(self, request: Request) -> Session:
        return self._sessions.take(self._cluster.secrets[request["secretArn"]], request.get("database"))

    def _do(self, request: Request, work: Callable[[Session], Answer]) -> Answer:
        """Do something in the transaction that a request names, or by itself."""
        if request.get("transactionId"):
            return self._within(request, work)
        session = self._take(request)
        try:
            return work(session)
        finally:
            self._sessions.give_back(session)

    def _continued(self, request: Request, work: Callable[[Session], Answer]) -> Answer:
        """Let a statement run to its end, however long that takes, and wait for it as long as for any other."""
        if request.get("transactionId"):
            raise bad_request("continueAfterTimeout is not supported within a transaction")
        session = self._take(request)
        outcome: list[Answer | Exception] = []

        def run() -> None:
            try:
                session.run("SET statement_timeout = 0")
                outcome.append(work(session))
            except (DataApiError, SessionLost) as error:
                outcome.append(error)
            finally:
                self._sessions.give_back(session)

        thread = threading.Thread(target=run, name="rds-data", daemon=True)
        thread.start()
        thread.join(self._cluster.statement_timeout)
        if not outcome:
            raise DataApiError("StatementTimeoutException", "Request timed out")
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        return outcome[0]


def _statement(request: Request) -> tuple[str, tuple[str, ...]]:
    sql = str(request.get("sql") or "")
    if not sql:
        raise validation("sql is missing")
    if len(sql) > SQL_LIMIT:
        raise validation(
            "1 validation error detected: Value at 'sql' failed to satisfy constraint: Member must have length less"
            f" than or equal to {SQL_LIMIT}"
        )
    return numbered(sql)


def _ordered(names: Sequence[str], given: Mapping[str, Binding]) -> list[Binding]:
    for name in names:
        if name not in given:
            raise bad_request(f"Cannot find parameter: {name}")
    return [given[name] for name in names]
