"""Processes of a simulation: invocations of functions that can pause and die at every step of their transactions.

Resumed by a scheduler, each is a thread of which only one runs at a time, until it pauses or ends.
Its ids follow from its name, not from what others do meanwhile: the same request draws the same bits however often it
is tried. What its clock said can be repeated in another run, so that even the ids are the same there.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random
from types import SimpleNamespace
from typing import Any, Literal

import psycopg
from sqlalchemy.engine import RootTransaction
from sqlalchemy.exc import OperationalError

from bigledger.kernel import pipeline, relay, runtime, transactions
from bigledger.kernel.clock import Clock
from bigledger.kernel.database import Transaction

Fault = Literal["crash", "disconnect"]
"""What can befall a process at a step: it dies, or the database goes away from it."""

SAFE = frozenset({"begin", "opened", "read", "flush", "committed", "taken", "published", "wait"})
"""The steps at which a transaction holds nothing that another could have to wait for: here a process may pause."""

_current = threading.local()


class Died(BaseException):
    """The process is dead: nothing of it runs any more, and its connection is gone."""


class Process:
    """One invocation of a function; ``reached`` is told of every step and answers the fault that befalls it there."""

    def __init__(
        self, name: str, work: Callable[["Process"], Any], now: Callable[[], int], instants: Sequence[int] = ()
    ) -> None:
        self.name = name
        self.answer: Any = None
        self.died = False
        self.failure: BaseException | None = None
        self.ended = False
        self.instants: list[int] = []
        """What its clock said since its transaction began."""
        self.opened = 0
        self.flushed = False
        self.seed = name
        self.reached: Callable[[Process, str], Fault | None] = lambda process, step: None
        self._work = work
        self._now = now
        self._repeated = instants
        self._random = Random(name)
        self._turn = threading.Semaphore(0)
        self._back = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def resume(self) -> None:
        """Let it run until it pauses or ends."""
        if not self._thread.ident:
            self._thread.start()
        self._turn.release()
        self._back.acquire()
        if self.failure is not None:
            raise self.failure

    def kill(self) -> None:
        """End it where it pauses."""
        if self._thread.ident and not self.ended:
            self.reached = lambda process, step: "crash"
            self.resume()

    def pause(self) -> None:
        """Give the turn back to the scheduler; called by the process itself."""
        self._back.release()
        self._turn.acquire()

    def begin(self) -> None:
        """A transaction begins: what it was before is forgotten."""
        self.instants, self._random, self.flushed = [], Random(self.seed), False

    def instant(self) -> int:
        """Nanoseconds since 1970, more at each look: those of the run that is repeated, as far as it went."""
        place = len(self.instants)
        known = self._repeated[place] if place < len(self._repeated) else self._now()
        self.instants.append(max(known, self.instants[-1] + 1000) if self.instants else known)
        return self.instants[-1]

    def bits(self, size: int) -> int:
        """Random bits that follow from the name."""
        return self._random.getrandbits(size)

    def step(self, name: str) -> None:
        """It has got as far as this."""
        fault = self.reached(self, name)
        if fault == "crash" or (fault and name == "wait"):  # who waits has no connection to lose
            raise Died
        if fault == "disconnect":
            reason = psycopg.OperationalError("server closed the connection unexpectedly")
            raise OperationalError("", {}, reason)

    def run(self) -> Any:
        """Run to the end in this thread, at the same time as others; answers what came of it, None if it died."""
        _current.process = self
        try:
            self.begin()
            self.answer = self._work(self)
        except Died:
            self.died = True
        finally:
            _current.process = None
            self.ended = True
        return self.answer

    def _run(self) -> None:
        self._turn.acquire()
        try:
            self.run()
        except BaseException as error:  # noqa: BLE001 - handed to the scheduler, whose test then fails with it
            self.failure = error
        self._back.release()


def process() -> Process | None:
    """The process that runs in this thread."""
    return getattr(_current, "process", None)


def _step(name: str) -> None:
    running = process()
    if running is not None:
        running.step(name)


def _kind(sql: str) -> tuple[str, str]:
    """The steps before and after a statement."""
    if sql.startswith("SELECT * FROM kernel.open("):
        return "open", "opened"
    if sql.endswith(" FROM input"):
        return "flush", "flushed"
    if sql == relay._TAKE:
        return "take", "taken"
    if sql == relay._DELETE:
        return "delete", "deleted"
    return "read", "has read"


@contextmanager
def stepping(nudged: Callable[[], None], idle: Clock) -> Iterator[None]:
    """While the block lasts, processes step through their transactions; ``idle`` is the clock of whoever is none."""
    began, rows, commit = Transaction.__init__, Transaction.rows, RootTransaction.commit
    kept = (runtime.clock, runtime.nudge, pipeline.time, transactions.time)

    def begin(self: Transaction, connection: Any) -> None:
        began(self, connection)
        running = process()
        if running is not None:
            running.begin()
            running.step("begin")

    def execute(self: Transaction, sql: str, **parameters: Any) -> Sequence[Any]:
        running = process()
        if running is None:
            return rows(self, sql, **parameters)
        before, after = _kind(sql)
        running.step(before)
        answer = rows(self, sql, **parameters)
        running.flushed |= after == "flushed"
        running.step(after)
        return answer

    def keep(self: RootTransaction) -> None:
        _step("commit")
        commit(self)
        _step("committed")

    def nudge() -> None:
        _step("nudge")
        nudged()

    def instant() -> int:
        running = process()
        return running.instant() if running is not None else idle._instant()

    def bits(size: int) -> int:
        running = process()
        return running.bits(size) if running is not None else idle._bits(size)

    waiting = SimpleNamespace(perf_counter=lambda: 0.0, sleep=lambda seconds: _step("wait"))
    Transaction.__init__, Transaction.rows, RootTransaction.commit = begin, execute, keep  # type: ignore[method-assign,assignment]
    runtime.clock, runtime.nudge = Clock(instant, bits), nudge
    pipeline.time = transactions.time = waiting  # type: ignore[assignment,attr-defined]
    try:
        yield
    finally:
        Transaction.__init__, Transaction.rows, RootTransaction.commit = began, rows, commit  # type: ignore[method-assign]
        runtime.clock, runtime.nudge, pipeline.time, transactions.time = kept  # type: ignore[attr-defined]


def nanoseconds(moment: datetime) -> int:
    """A moment as a clock counts it."""
    return int(moment.astimezone(UTC).timestamp()) * 1_000_000_000
