"""One process of a function, as Lambda runs it: AWS's runtime interface client, the layers, the function's folder.

The interpreter is started without site-packages, so that nothing else can be imported: neither this project nor what
is installed on this machine. Not emulated: the processor's share that comes with memory, the end of a process that
uses too much of it, the freezing between calls, and the file systems that cannot be written to.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from devtools.local.cloudformation import ACCOUNT, REGION, UNKNOWN
from devtools.local.runtime_api import Invocation, Outcome, RuntimeApi, failure
from devtools.local.templates import Function

INIT = 10
"""Seconds that loading a function may take beyond the function's own timeout."""

PATIENCE = 2.0  # seconds between asking a process to end and ending it


@dataclass(frozen=True)
class Setup:
    """What every function's process is started with."""

    runtime: str
    """The folder of AWS's runtime interface client."""
    layers: Mapping[str, str]
    """The folder of each layer's content, which Lambda has in /opt, by the layer's name."""
    folders: Mapping[str, str]
    """The folder of each function, which Lambda has in /var/task, by the function's name."""
    variables: Mapping[str, str]
    """Environment variables of all functions: the way to the local AWS services."""


class FunctionProcess:
    """A process of a function. `start` it once; then it takes one call at a time until it is no more."""

    def __init__(self, function: Function, setup: Setup) -> None:
        self.function = function
        self.used = 0.0
        """When it was last called, on the monotonic clock."""
        self.init = 0.0
        """Seconds from its start until the function was loaded."""
        self._setup = setup
        self._api: RuntimeApi
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None]

    async def start(self) -> Outcome | None:
        """Start the process and wait until the function is loaded; answers why it could not be, if so."""
        self._api = await RuntimeApi().start()
        folder = self._setup.folders[self.function.name]
        started = time.perf_counter()
        self._process = await asyncio.create_subprocess_exec(
            # -B: Lambda's folders cannot be written to, so that what comes without .pyc files stays without.
            *[str(interpreter()), "-s", "-S", "-B", "-m", "awslambdaric", self.function.handler],
            stdin=asyncio.subprocess.DEVNULL,
            env=environment(self.function, self._setup, self._api.address),
            cwd=folder,
        )
        self._watch = asyncio.create_task(self._until_it_ends(self._process))
        limit = INIT + self.function.timeout
        try:
            async with asyncio.timeout(limit):
                refused = await self._api.initialized()
        except TimeoutError:
            refused = failure("Sandbox.Timedout", f"The function was not loaded after {limit} seconds")
        self.init = time.perf_counter() - started
        if refused is not None:
            await self.end()
        return refused

    async def call(self, payload: bytes) -> Outcome:
        """Call the function. One that takes longer than its timeout is ended."""
        identifier, seconds = str(uuid4()), self.function.timeout
        invocation = Invocation(
            id=identifier,
            payload=payload,
            arn=arn(self.function.name),
            deadline=int((time.time() + seconds) * 1000),
            trace=f"Root=1-{int(time.time()):08x}-{os.urandom(12).hex()};Parent={os.urandom(8).hex()};Sampled=0",
        )
        try:
            async with asyncio.timeout(seconds):
                outcome = await self._api.invoke(invocation)
        except TimeoutError:
            await self.end()
            message = f"RequestId: {identifier} Error: Task timed out after {seconds}.00 seconds"
            outcome = failure("Sandbox.Timedout", message)
        self.used = time.monotonic()
        return outcome

    @property
    def alive(self) -> bool:
        """Whether it can be called."""
        return self._process is not None and self._process.returncode is None

    @property
    def memory(self) -> int | None:
        """The most memory it has used so far, in MB, where the system tells it."""
        if self._process is None:
            return None
        with suppress(OSError, StopIteration):
            lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
            return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1024
        return None

    async def end(self) -> None:
        """End the process, with the call that it is in."""
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(asyncio.shield(self._watch), PATIENCE)
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self._watch

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def _until_it_ends(self, process: asyncio.subprocess.Process) -> None:
        code = await process.wait()
        how = f"signal: {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
        self._api.end(failure("Runtime.ExitError", f"Runtime exited with error: {how}"))


def interpreter() -> Path:
    """The interpreter that `.venv` was made from: it knows nothing of `.venv`."""
    return Path(sys.executable).resolve()


def arn(name: str) -> str:
    """A function's ARN."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def path_of(function: Function, setup: Setup) -> Sequence[str]:
    """Where a function imports from besides the standard library and its own folder, which comes first."""
    layers = [str(Path(setup.layers[name], "python")) for name in function.layers]
    return [*layers, setup.runtime]


def environment(function: Function, setup: Setup, address: str) -> dict[str, str]:
    """The variables that Lambda sets, those of all functions here, and the function's own."""
    known = function.log_group and not function.log_group.startswith(UNKNOWN)
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": os.pathsep.join(path_of(function, setup)),
        "LAMBDA_TASK_ROOT": setup.folders[function.name],
        "LAMBDA_RUNTIME_DIR": setup.runtime,
        "_HANDLER": function.handler,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info[0]}.{sys.version_info[1]}",
        "AWS_LAMBDA_RUNTIME_API": address,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group if known else f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"{time.strftime('%Y/%m/%d')}/[$LATEST]{uuid4().hex}",
        "AWS_LAMBDA_LOG_FORMAT": function.log_format,
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        **setup.variables,
        **function.environment,
    }
