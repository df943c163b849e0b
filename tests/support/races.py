"""Callers who come at the same moment, and callers who have read the same before any of them writes."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from bigledger.kernel.unit_of_work import UnitOfWork

Result = TypeVar("Result")

PATIENCE = 60
"""Seconds after which a caller who waits in vain fails its test."""


def at_once(calls: Sequence[Callable[[], Result]]) -> list[Result]:
    """What the calls answer, in their order, each made by a thread of its own, all beginning at the same moment."""
    gate = threading.Barrier(len(calls))
    results: dict[int, Result] = {}
    failures: list[BaseException] = []

    def make(index: int) -> None:
        try:
            gate.wait(PATIENCE)
            results[index] = calls[index]()
        except BaseException as failure:  # noqa: BLE001 - raised again below, where the test sees it
            failures.append(failure)

    threads = [threading.Thread(target=make, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    if failures:
        raise failures[0]
    assert len(results) == len(calls), "a call is still under way"
    return [results[index] for index in range(len(calls))]


@contextmanager
def before_writing(pause: Callable[[], Any], only: int | None = None) -> Iterator[None]:
    """Let every thread make the pause once, when it has read and decided and is about to write for the first time.

    Or ``only`` the thread of that identifier.
    """
    flush = UnitOfWork.flush
    paused: set[int] = set()

    def after_the_pause(self: UnitOfWork) -> dict[str, str]:
        caller = threading.get_ident()
        if caller not in paused and only in (None, caller):
            paused.add(caller)
            pause()
        return flush(self)

    UnitOfWork.flush = after_the_pause  # type: ignore[method-assign]
    try:
        yield
    finally:
        UnitOfWork.flush = flush  # type: ignore[method-assign]


def racing(calls: Sequence[Callable[[], Result]]) -> list[Result]:
    """The same as ``at_once``, and every caller has decided upon the same state before any of them writes."""
    with before_writing(threading.Barrier(len(calls), timeout=PATIENCE).wait):
        return at_once(calls)
