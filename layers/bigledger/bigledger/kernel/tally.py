"""How many statements were sent, over all transactions of a request: tried again, refused and rolled back included."""

from contextvars import ContextVar

_sent: ContextVar[int] = ContextVar("sent", default=0)


def statements_sent() -> int:
    """How many statements this thread's transactions have sent so far; a request is counted by the difference."""
    return _sent.get()


def count_statement() -> None:
    """Count a statement that is sent."""
    _sent.set(_sent.get() + 1)
