"""The processes of the local cloud: started apart from the terminal, watched, started again, stopped in order."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from devtools.local.child import READY_FILE
from devtools.local.network import listens
from devtools.local.postgres_directory import tail
from devtools.local.state import ROOT, CloudError, Folder

START_TIMEOUT = 60.0  # seconds
LOG_LIMIT = 20 * 1024 * 1024  # bytes; then a log makes room, and one older file is kept
CRASHES = 3  # so many within CRASH_WINDOW seconds are too many
CRASH_WINDOW = 60.0

_KEPT = ("HOME", "PATH", "TMPDIR", "TZ", "USER", "LOGNAME", "SYSTEMROOT")


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child: the given variables, and of ours only what has nothing to do with AWS or proxies."""
    ours = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith("POWERTOOLS_")}
    return {"PYTHONUNBUFFERED": "1", **ours, **variables}


class Child:
    """One process of the local cloud. Its standard input is a pipe that ends with us, so that it never outlives us.

    A server is ready when it also listens on its `port`; `queues` are those that it delivers from.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        variables: Mapping[str, str],
        folder: Folder,
        *,
        port: int | None = None,
        queues: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.queues = queues
        self._port = port
        self.log = folder.logs / f"{name}.log"
        self._command = [sys.executable, "-P", *command]
        self._ready = folder.run / f"{name}.ready"
        self._environment = environment({**variables, READY_FILE: str(self._ready)})
        self._process: subprocess.Popen[bytes] | None = None
        self._crashes: list[float] = []

    @property
    def pid(self) -> int:
        """The process id. Raises CloudError when it was not started."""
        if self._process is None:
            raise CloudError(f"The {self.name} is not running.")
        return self._process.pid

    def start(self) -> None:
        """Start the process, without waiting until it is ready."""
        self._ready.unlink(missing_ok=True)
        trim(self.log)
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
                cwd=ROOT,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Wait until the process says that it is ready. Raises CloudError with the end of its log when it fails."""
        deadline = time.monotonic() + START_TIMEOUT
        while not self.ready:
            if not self.running:
                raise CloudError(f"The {self.name} did not start. The end of {self.log}:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise CloudError(
                    f"The {self.name} was not ready after {START_TIMEOUT:.0f} seconds. The end of {self.log}:\n"
                    f"{self.log_tail()}"
                )
            time.sleep(0.02)

    @property
    def ready(self) -> bool:
        """Whether the process has said that it does its work, and is reached on its port if it has one."""
        return self._ready.exists() and (self._port is None or listens(self._port))

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def crashed(self) -> bool:
        """Whether the process ended by itself; each crash is noted once."""
        if self._process is None or self.running:
            return False
        now = time.monotonic()
        self._crashes = [*(crash for crash in self._crashes if now - crash < CRASH_WINDOW), now]
        return True

    def restart(self) -> None:
        """Start it again after a crash. Raises CloudError, with the end of its log, when it crashes too often.

        What it had started ends with it. A server's workers outlive it for some seconds, answer on its port from what
        they remember, and take along the answers they were about to give.
        """
        if len(self._crashes) >= CRASHES:
            raise CloudError(
                f"The {self.name} ended {CRASHES} times within a minute. The end of {self.log}:\n{self.log_tail()}"
            )
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.start()

    def stop(self, patience: float) -> None:
        """Ask the process to end, and after `patience` seconds end it by force with everything it started."""
        process = self._process
        if process is None:
            return
        self._process = None
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        finally:
            if process.stdin is not None:
                process.stdin.close()

    def log_tail(self) -> str:
        """The end of its log."""
        return tail(self.log.read_text(errors="replace")) if self.log.exists() else ""


def trim(log: Path) -> None:
    """Make room in a log that has grown large: what it holds becomes the one older file."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        shutil.copyfile(log, log.with_name(f"{log.name}.1"))
        os.truncate(log, 0)
