"""Counts the statements that a call sends to the database."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from bigledger.kernel.database import Parameter, Transaction

Answered = TypeVar("Answered")


def counted(call: Callable[[], Answered]) -> tuple[Answered, list[str]]:
    """What the call answers, and the statements it sent besides begin and commit, in order.

    The first of a request is the one that opens it. The tenant's set-up is read by the first request after a
    change of it: make another call before, to count without.
    """
    sent: list[str] = []
    rows = Transaction.rows

    def noted(self: Transaction, sql: str, **parameters: Parameter) -> Sequence[Any]:
        sent.append(sql)
        return rows(self, sql, **parameters)

    Transaction.rows = noted  # type: ignore[method-assign]
    try:
        return call(), sent
    finally:
        Transaction.rows = rows  # type: ignore[method-assign]
