"""The RDS Data API as a database of SQLAlchemy: URLs ``postgresql+auroradataapi://:@/<database>``.

The cluster and the secret come from the URL (``?aurora_cluster_arn=…&secret_arn=…``) or from AURORA_CLUSTER_ARN and
AURORA_SECRET_ARN. The requests are made by the driver library ``aurora_data_api``; what is ours is exactness: values
are those psycopg answers (uuid as UUID, numeric as Decimal that never was a float, timestamptz in UTC to the
microsecond, json parsed), errors carry ``sqlstate`` and ``diag.constraint_name`` as psycopg's do, and nothing is
sent but one BeginTransaction, the statements, and one CommitTransaction or RollbackTransaction. Answers and
parameters may be larger than the service hands over or takes at once: see ``data_api_limits``.
"""

import os
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import aurora_data_api
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from sqlalchemy import URL, Connection
from sqlalchemy.dialects.postgresql.base import PGDialect

from bigledger.kernel import data_api_limits
from bigledger.kernel.database import parsed_json
from bigledger.kernel.problems import Unavailable

_POSTGRES = (16, 0)  # what Aurora has; asking would cost a statement in each new process
_GONE = "25P03"  # the transaction expired or ended: nothing of it is left
_LARGE = "54000"

_CODES: Mapping[str, str] = {"TransactionNotFoundException": _GONE, "StatementTimeoutException": "57014"}
"""The SQLSTATE of errors that have a name of their own in the Data API."""

_WORDS = (
    (r"transaction .* (is not|isn't|not) found", _GONE),
    (r"transaction is still running a query", "08006"),
    (r"exceed\w* .*size limit|more than the allowed response size limit|packet for query is too large", _LARGE),
)
"""The SQLSTATE of errors that have neither a name nor a state."""

_RESUMING = "DatabaseResumingException"  # the cluster was paused and is waking up, which takes some seconds
_PATIENCE = (1, 2, 2, 2)  # seconds to wait before asking again; the gateway waits ten for its authorizer

_DEFECTS = {"BadRequestException", "ValidationException", "DatabaseErrorException", "UnsupportedResultException"}
"""Refusals of what was asked; any other error says that the service cannot be used just now."""

_KINDS: Mapping[str, Any] = {
    "08": aurora_data_api.OperationalError,
    "0A": aurora_data_api.NotSupportedError,
    "22": aurora_data_api.DataError,
    "23": aurora_data_api.IntegrityError,
    "25": aurora_data_api.OperationalError,
    "40": aurora_data_api.OperationalError,
    "42": aurora_data_api.ProgrammingError,
    "53": aurora_data_api.OperationalError,
    "54": aurora_data_api.OperationalError,
    "55": aurora_data_api.OperationalError,
    "57": aurora_data_api.OperationalError,
    "XX": aurora_data_api.InternalError,
}
"""The kind of error of each class of SQLSTATE, as psycopg sorts them."""


class DataApiDialect(PGDialect):
    """Postgres behind the Data API. It asks the server nothing of its own accord."""

    driver = "auroradataapi"
    default_paramstyle = "named"
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> Any:
        """The driver library."""
        return aurora_data_api

    def create_connect_args(self, url: URL) -> Any:
        """What the driver library connects with; raises Unavailable when the URL leaves a question open."""
        asked = url.query
        cluster = asked.get("aurora_cluster_arn") or os.environ.get("AURORA_CLUSTER_ARN")
        secret = asked.get("secret_arn") or os.environ.get("AURORA_SECRET_ARN")
        if not (cluster and secret and url.database):
            raise Unavailable("The database URL has to name a database, aurora_cluster_arn and secret_arn.")
        names = {"database": url.database, "aurora_cluster_arn": cluster, "secret_arn": secret}
        return [], {**names, "rds_data_client": _service()}

    def initialize(self, connection: Connection) -> None:
        """Take for granted what other dialects ask the server at the first connection."""
        self.server_version_info = _POSTGRES
        self.default_schema_name = "public"
        self.default_isolation_level = "READ COMMITTED"

    def do_commit(self, dbapi_connection: Any) -> None:
        """Commit. What could not be committed is rolled back at once, as the pool would keep it open otherwise."""
        try:
            dbapi_connection.commit()
        except aurora_data_api.Error:
            dbapi_connection.rollback()
            raise


@lru_cache(maxsize=1)
def _service() -> "Service":
    """The one client of this process; clients may be used by several threads, sessions may not."""
    from boto3.session import Session

    # The client must not repeat requests by itself: a statement whose answer was lost has run.
    patience = Config(connect_timeout=5, read_timeout=60, retries={"total_max_attempts": 1}, max_pool_connections=16)
    return Service(Session().client("rds-data", config=patience))


class Service:
    """The ``rds-data`` client as the driver library calls it, with exact values and errors that have a SQLSTATE."""

    # The library would answer these with statements of its own (cursors over large results). They are never raised.
    exceptions = SimpleNamespace(
        BadRequestException=type("_Never", (Exception,), {}), DatabaseErrorException=type("_Never", (Exception,), {})
    )

    def __init__(self, client: Any) -> None:
        self._client = client

    def begin_transaction(self, **request: Any) -> Any:
        """Begin; once more when the network failed, as it does after a function was frozen for a while.

        A transaction that was begun without our knowing holds nothing and expires.
        """
        try:
            return self._begin(request)
        except aurora_data_api.InterfaceError:
            return self._begin(request)

    def _begin(self, request: Mapping[str, Any]) -> Any:
        """Begin, with some patience for a database that was paused."""
        for seconds in _PATIENCE:
            try:
                return self._send("begin_transaction", request)
            except aurora_data_api.OperationalError as error:
                if getattr(error, "code", None) != _RESUMING:
                    raise
                time.sleep(seconds)
        return self._send("begin_transaction", request)

    def execute_statement(self, **request: Any) -> Any:
        """Run one statement; answers its records with the values psycopg would answer."""
        *parts, statement = data_api_limits.in_parts(request)
        for part in parts:
            self._execute(part)
        if data_api_limits.reads(statement["sql"]):
            response = data_api_limits.read(self._execute, statement)
        else:
            response = self._execute(statement)
        columns = response.get("columnMetadata") or []
        if not columns:
            response.pop("columnMetadata", None)  # no result, rather than one without columns
        readers = [(place, _reader(column["typeName"])) for place, column in enumerate(columns)]
        for place, read in readers:
            if read is not None:
                for record in response["records"]:
                    _read(record[place], read)
        return response

    def batch_execute_statement(self, **request: Any) -> Any:
        """Run one statement with several sets of parameters."""
        return self._send("batch_execute_statement", request)

    def commit_transaction(self, **request: Any) -> Any:
        """Commit."""
        return self._send("commit_transaction", request)

    def rollback_transaction(self, **request: Any) -> None:
        """Roll back. A transaction that is gone already was rolled back by the service."""
        try:
            self._send("rollback_transaction", request)
        except aurora_data_api.Error as error:
            if getattr(error, "sqlstate", None) != _GONE:
                raise

    def _execute(self, request: Mapping[str, Any]) -> Any:
        return self._send("execute_statement", request)

    def _send(self, operation: str, request: Mapping[str, Any]) -> Any:
        try:
            return getattr(self._client, operation)(**request)
        except ClientError as error:
            raise meaning(error.response) from error
        except HTTPClientError as error:
            raise aurora_data_api.InterfaceError(f"The Data API does not answer: {error}") from error
        except BotoCoreError as error:
            raise aurora_data_api.OperationalError(f"The Data API cannot be called: {error}") from error


def meaning(response: Mapping[str, Any]) -> Exception:
    """The driver's error for an error response: of the kind, and with the attributes, that psycopg's would have."""
    told = response.get("Error", {})
    code, message = str(told.get("Code", "")), str(told.get("Message", ""))
    named = re.search(r"SQLState: ([0-9A-Z]{5})\s*$", message)
    state = named[1] if named else _CODES.get(code) or _unnamed(response, message)
    if state is None:
        kind = aurora_data_api.ProgrammingError if code in _DEFECTS else aurora_data_api.OperationalError
    else:
        kind = _KINDS.get(state[:2], aurora_data_api.DatabaseError)
    error = kind(f"{code}: {message}")
    violated = re.search(r'constraint "([^"]+)"', message) if state is not None and state.startswith("23") else None
    vars(error).update(
        code=code, sqlstate=state, diag=SimpleNamespace(constraint_name=violated[1] if violated else None)
    )
    return error  # type: ignore[no-any-return]


def _unnamed(response: Mapping[str, Any], message: str) -> str | None:
    if response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 413:
        return _LARGE
    return next((state for words, state in _WORDS if re.search(words, message, re.IGNORECASE)), None)


def _instant(text: str) -> datetime:
    """A timestamptz; the Data API answers it in UTC without saying so."""
    instant = datetime.fromisoformat(text)
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


_READERS: Mapping[str, Callable[[str], Any]] = {
    "json": parsed_json,
    "jsonb": parsed_json,
    "numeric": Decimal,
    "timestamptz": _instant,
    "uuid": UUID,
}


def _reader(type_name: str) -> Callable[[str], Any] | None:
    """What makes a value of a column from its text; None where the library's value is the right one."""
    return _READERS.get(type_name.lower().removeprefix("_"))


def _read(field: dict[str, Any], read: Callable[[str], Any]) -> None:
    """Replace the text in a field, or the texts in an array, by values."""
    if "stringValue" in field:
        field["stringValue"] = read(field["stringValue"])
    elif "arrayValue" in field:
        texts = field["arrayValue"].get("stringValues", [])
        field["arrayValue"] = {"stringValues": [None if text is None else read(text) for text in texts]}
