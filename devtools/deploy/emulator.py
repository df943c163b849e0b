"""ministack, an emulator of AWS that is not ours, as a process of this machine. It needs no Docker.

What it stores and unpacks lies in a folder of its own that goes when it goes.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from devtools.environment import ENVIRONMENTS
from devtools.local import aws
from devtools.local.cloudformation import REGION
from devtools.local.network import LOOPBACK, free_port
from devtools.local.postgres_directory import tail

START_TIMEOUT = 60.0
"""Seconds until it has to answer."""
ROOM = 5 * 1024**3
"""Bytes that its files may need: the layers for each process, once packed and once unpacked."""

_SHOWN = 3000  # characters of an error
_HEALTH = "/_ministack/health"


def memory(shared: Path = Path("/dev/shm"), statistics: Path = Path("/proc/meminfo")) -> Path | None:  # noqa: S108
    """A folder in memory, where there is plenty: each process of a function unpacks thousands of files of the layers.

    None where there is no such folder or not enough room; then they go where temporary files go.
    """
    try:
        free = shutil.disk_usage(shared).free
        available = next(line for line in statistics.read_text().splitlines() if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return None
    return shared if min(free, int(available.split()[1]) * 1024 // 2) > ROOM else None


class EmulatorUnavailable(Exception):
    """ministack cannot start on this machine; the message says why."""


class Emulator:
    """A running ministack. As a context manager it starts and stops; EmulatorUnavailable when it cannot start."""

    def __init__(self) -> None:
        self._port = free_port()
        self.url = f"http://{LOOPBACK}:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path

    def __enter__(self) -> Self:
        program = ENVIRONMENTS["sam"].folder / "bin" / "ministack"
        self._folder = Path(tempfile.mkdtemp(prefix="bigledger-emulator-", dir=memory()))
        try:
            with (self._folder / "log").open("wb") as log:
                try:
                    self._process = subprocess.Popen(
                        [str(program)],
                        cwd=self._folder,
                        env=self._variables(),
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                    )
                except OSError as error:
                    raise EmulatorUnavailable(f"{program.name} cannot be run: {error}") from error
            self._wait_until_ready(self._process)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop()

    def client(self, service: str) -> Any:
        """A client of one of its services."""
        return aws.client(service, self.url)

    def api(self, api_id: str) -> httpx.Client:
        """A client of an HTTP API that was made in it."""
        headers = {"Host": f"{api_id}.execute-api.localhost:{self._port}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=120, trust_env=False)

    @property
    def log(self) -> str:
        """The end of what it has said, and the errors that functions have logged."""
        logs = self.client("logs")
        errors = [
            str(event["message"])[:_SHOWN]
            for group in logs.describe_log_groups()["logGroups"]
            for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
            if '"ERROR"' in event["message"]
        ]
        return "\n".join([self._said(), *errors[-3:]])

    def _said(self) -> str:
        return tail((self._folder / "log").read_text(errors="replace"))

    def _variables(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self._folder),
            "TMPDIR": str(self._folder),
            "GATEWAY_PORT": str(self._port),
            "BIND_HOST": LOOPBACK,
            "MINISTACK_REGION": REGION,
            "IOT_MTLS_ENABLED": "0",  # no further ports
            "SFTP_ENABLED": "0",
            "DOCKER_HOST": f"unix://{self._folder}/none",  # it is to do without, also where there is one
            "PYTHONDONTWRITEBYTECODE": "1",
            "NO_PROXY": "*",
        }

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        with httpx.Client(base_url=self.url, trust_env=False) as client:
            while time.monotonic() < deadline:
                if process.poll() is not None:
                    raise EmulatorUnavailable(f"ministack ended with exit status {process.returncode}:\n{self._said()}")
                try:
                    if client.get(_HEALTH).status_code == 200:
                        return
                except httpx.TransportError:
                    time.sleep(0.1)
        raise EmulatorUnavailable(f"ministack did not answer within {START_TIMEOUT:.0f} seconds:\n{self._said()}")

    def _stop(self) -> None:
        """End it and the processes of functions, at once: there is nothing to be kept."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
