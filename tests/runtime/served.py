"""The service that runs functions as Lambda does, in a thread of the test's process, and functions given as code."""

import asyncio
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from types import TracebackType
from typing import Any, Self

import boto3
import httpx
from botocore.config import Config

from devtools.local.lambda_build import runtime_client
from devtools.local.lambda_process import Setup
from devtools.local.lambda_server import LambdaServer, Service
from devtools.local.templates import Function


@dataclass(frozen=True)
class Result:
    """What came of a call: the answer, or the error when there is one."""

    value: Any
    error: bool

    @property
    def told(self) -> tuple[str, str]:
        """Type and message of the error."""
        assert self.error, self.value
        return self.value["errorType"], self.value["errorMessage"]


class Served:
    """A service that serves until the end of the block."""

    def __init__(self, service: Service, port: int = 0) -> None:
        self._service, self._port = service, port
        self._started, self._stopped = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._loop: asyncio.AbstractEventLoop
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(30)
        config = Config(retries={"total_max_attempts": 1}, read_timeout=120, proxies={})
        session = boto3.session.Session("local", "local", region_name="eu-central-1")
        self.sdk = session.client("lambda", endpoint_url=self.url, config=config)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await LambdaServer(self._service).start(self._port)
        self.url = server.url
        self._started.set()
        await self._stopped.wait()
        await server.stop()

    def call(self, name: str, event: Any = None) -> Result:
        """Call a function, as AWS's SDK does it."""
        answer = self.sdk.invoke(FunctionName=name, Payload=json.dumps(event))
        return Result(json.loads(answer["Payload"].read()), "FunctionError" in answer)

    @property
    def figures(self) -> Any:
        """What the starts and calls took, by function."""
        return httpx.get(f"{self.url}/figures", trust_env=False).json()


def small_service(folder: Path, codes: Mapping[str, str], limit: int = 10, **settings: Any) -> Service:
    """A service of functions that stand alone: `answer` is a file `answer.py` with a function `answer`."""
    names = {"memory": 256, "timeout": 20, "environment": {"COLOR": "blue"}, **settings}
    for name, code in codes.items():
        (folder / f"{name}.py").write_text(dedent(code))
    functions = {name: Function(name, str(folder), f"{name}.{name}", **names) for name in codes}
    variables = {"AWS_REGION": "eu-central-1"}
    return Service(functions, Setup(runtime_client(), {}, dict.fromkeys(codes, str(folder)), variables), limit)
