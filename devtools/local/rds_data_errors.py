"""The errors of the RDS Data API, with the names, statuses and sentences that the service has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import pq
from psycopg.pq import DiagnosticField

MULTISTATEMENTS = "cannot insert multiple commands into a prepared statement"


@dataclass(frozen=True)
class DataApiError(Exception):
    """A refusal; `name` is what boto3 raises."""

    name: str
    message: str
    status: int = 400
    aborts: bool = False
    """Whether the service ends the transaction in which the call was made."""

    def body(self) -> dict[str, Any]:
        """The body of the answer."""
        return {"message": self.message}


def bad_request(message: str) -> DataApiError:
    """The call itself is wrong."""
    return DataApiError("BadRequestException", message)


def validation(message: str) -> DataApiError:
    """The call is not what the service takes at all."""
    return DataApiError("ValidationException", message)


def unsupported(message: str) -> DataApiError:
    """The statement ran, and its result cannot be handed over."""
    return DataApiError("UnsupportedResultException", message)


def too_large(message: str) -> DataApiError:
    """The statement ran, and its result is more than is handed over: the call is broken off, and its transaction."""
    return DataApiError("UnsupportedResultException", message, aborts=True)


def not_found(transaction_id: str, why: str) -> DataApiError:
    """There is no such transaction, or none any more."""
    return DataApiError("TransactionNotFoundException", f"Transaction {transaction_id} is not found. {why}", 404)


def database_error(message: str) -> DataApiError:
    """What the database, or the way to it, says."""
    return DataApiError("DatabaseErrorException", message)


def refused(result: pq.abc.PGresult) -> DataApiError:
    """The answer to a statement that Postgres refused.

    It tells message, hint, position and SQLSTATE, and nothing else: neither the detail nor the constraint.
    """
    state, message = _field(result, DiagnosticField.SQLSTATE), _field(result, DiagnosticField.MESSAGE_PRIMARY)
    if state == "57014":
        return DataApiError("StatementTimeoutException", message)
    if state == "42601" and message == MULTISTATEMENTS:
        return validation("Multistatements aren't supported.")
    parts = [f"ERROR: {message}"]
    for label, field in (("Hint", DiagnosticField.MESSAGE_HINT), ("Position", DiagnosticField.STATEMENT_POSITION)):
        text = _field(result, field)
        if text:
            parts.append(f"{label}: {text}")
    return database_error("; ".join([*parts, f"SQLState: {state}"]))


def _field(result: pq.abc.PGresult, field: DiagnosticField) -> str:
    return (result.error_field(field) or b"").decode()
