"""Calls an applet's function in a process of its own, over a pipe: what Lambda's runtime API is in AWS."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import sysconfig
import threading
import time
from pathlib import Path
from typing import Any

from devtools.local.state import ROOT
from devtools.local.templates import Function

KIT = ROOT / "applets" / "sdk"
RUNTIME = Path(__file__).with_name("applet_runtime.py")


class AppletFailed(Exception):
    """The applet's function raised, ended its process or took longer than its timeout."""


class AppletProcess:
    """The process of one applet function, started when it is first called and after each failure of the process."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    def call(self, event: dict[str, Any]) -> Any:
        """Call the function; one call at a time. Raises AppletFailed."""
        with self._turn:
            process = self._process
            if process is None or process.poll() is not None:
                process = self._process = self._start()
            assert process.stdin is not None
            try:
                process.stdin.write(json.dumps(event).encode() + b"\n")
                process.stdin.flush()
                answer = json.loads(self._line(process))
            except (OSError, ValueError, AppletFailed) as error:
                process.kill()
                process.wait()
                raise AppletFailed(f"{self._function.name}: {error}") from error
        if "error" in answer:
            raise AppletFailed(f"{self._function.name}: {answer['error']}")
        return answer["result"]

    def stop(self) -> None:
        """End the process, after the call that it is in."""
        with self._turn:
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.close()
                self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        # -S and -P: the environment's own paths (bigledger among them) and this folder stay out; packages come in.
        path = os.pathsep.join([self._function.folder, str(KIT), sysconfig.get_path("purelib")])
        ours = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "HOME", "PATH", "TMP"))}
        return subprocess.Popen(
            [sys.executable, "-S", "-P", str(RUNTIME), self._function.handler],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={
                **ours,
                **self._function.environment,
                "PYTHONPATH": path,
                "AWS_LAMBDA_FUNCTION_NAME": self._function.name,
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self._function.memory),
                "LAMBDA_TASK_ROOT": self._function.folder,
            },
            cwd=self._function.folder,
        )

    def _line(self, process: subprocess.Popen[bytes]) -> bytes:
        """One line of the answer pipe, within the function's timeout."""
        assert process.stdout is not None
        deadline = time.monotonic() + self._function.timeout
        line = b""
        while not line.endswith(b"\n"):
            remaining = deadline - time.monotonic()
            if remaining <= 0 or not select.select([process.stdout], [], [], remaining)[0]:
                raise AppletFailed(f"no answer within {self._function.timeout} seconds")
            piece = os.read(process.stdout.fileno(), 65536)
            if not piece:
                raise AppletFailed("the process ended")
            line += piece
        return line
