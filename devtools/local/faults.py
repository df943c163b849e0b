"""The fault switch: disturbs deliveries between queue and function, so that tests can prove nothing is lost by it.

The switch is a file. The pollers of a running cloud read it at each delivery; without the file nothing is disturbed.
A delivery is one message handed to one function once.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Faults:
    """What to do to deliveries. Counted faults are used up; `delay` and `reorder` last until they are taken away."""

    drop: int = 0
    """So many deliveries are lost on the way to the function; the queue delivers again."""
    fail: int = 0
    """So many deliveries reach the function and take effect, but its answer is lost; the queue delivers again."""
    duplicate: int = 0
    """So many deliveries reach the function twice."""
    delay: float = 0
    """Each delivery waits so many seconds."""
    reorder: bool = False
    """What arrives within a second is delivered one by one, the newest first."""
    queue: str = ""
    """Only this queue is disturbed; empty for all."""


class Switch:
    """The fault switch of one local cloud."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def set(self, faults: Faults) -> None:
        """Disturb deliveries from now on, instead of what was set before."""
        with self._locked():
            self._write(faults)

    def clear(self) -> None:
        """Disturb nothing any more."""
        with self._locked():
            self._path.unlink(missing_ok=True)

    @property
    def remaining(self) -> Faults:
        """What is still to be done."""
        with self._locked():
            return self._read() or Faults()

    def take(self, queue: str, count: int) -> Faults | None:
        """What to do to the next `count` deliveries of a queue, used up by asking; None for nothing."""
        if not self._path.exists():
            return None
        with self._locked():
            faults = self._read()
            if faults is None or faults.queue not in ("", queue):
                return None
            taken = replace(
                faults,
                drop=min(count, faults.drop),
                fail=min(count, faults.fail),
                duplicate=min(count, faults.duplicate),
            )
            left = replace(
                faults,
                drop=faults.drop - taken.drop,
                fail=faults.fail - taken.fail,
                duplicate=faults.duplicate - taken.duplicate,
            )
            self._write(left)
            return taken

    def _read(self) -> Faults | None:
        try:
            return Faults(**json.loads(self._path.read_text()))
        except FileNotFoundError:
            return None

    def _write(self, faults: Faults) -> None:
        partial = self._path.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(faults)))
        partial.replace(self._path)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with self._path.with_suffix(".guard").open("w") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            yield
