"""Serves Lambda's Invoke operation on this machine, for any AWS SDK whose endpoint it is, and runs the functions.

As a process, `python -m devtools.local.lambda_server lambda.json --port 8022`, it reads what `Service.write` made.
`GET /figures` answers what starts and calls took; it is not AWS's. Not emulated: signatures, and the repetition of
events that failed.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import unquote
from uuid import uuid4

import orjson

from devtools.local.child import say_ready, tether
from devtools.local.lambda_http import Answer, HttpServer, Request
from devtools.local.lambda_pool import Pool
from devtools.local.lambda_process import Setup, arn
from devtools.local.runtime_api import PAYLOAD_LIMIT
from devtools.local.templates import Function

_PREFIX, _SUFFIX = "/2015-03-31/functions/", "/invocations"


@dataclass(frozen=True)
class Service:
    """What is served: functions by name, what their processes are started with, and how many there may be."""

    functions: dict[str, Function]
    setup: Setup
    limit: int

    def write(self, path: Path) -> None:
        """Keep it in a file, for the process that serves it."""
        path.write_text(json.dumps(dataclasses.asdict(self)))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` kept."""
        kept = json.loads(path.read_text())
        functions = {name: Function(**function) for name, function in kept["functions"].items()}
        return cls(functions, Setup(**kept["setup"]), kept["limit"])


class LambdaServer:
    """The endpoint, in the running event loop."""

    def __init__(self, service: Service) -> None:
        self._pool = Pool(service.functions, service.setup, service.limit)
        self._server = HttpServer(self._handle)
        self._events: set[asyncio.Task[object]] = set()

    async def start(self, port: int = 0) -> Self:
        """Begin to serve."""
        await self._server.start(port)
        return self

    @property
    def url(self) -> str:
        """The address for AWS_ENDPOINT_URL_LAMBDA."""
        return f"http://{self._server.address}"

    async def stop(self) -> None:
        """Serve no more, and end the processes."""
        self._server.close()
        await self._pool.close()
        for task in self._events:
            task.cancel()

    async def _handle(self, request: Request) -> Answer:
        path = request.path.partition("?")[0]
        if (request.method, path) == ("GET", "/figures"):
            figures = {name: figures.as_json() for name, figures in self._pool.figures.items()}
            return Answer(200, orjson.dumps(figures), {"Content-Type": "application/json"})
        if request.method != "POST" or not path.startswith(_PREFIX) or not path.endswith(_SUFFIX):
            return _refused(404, "UnknownOperationException", f"There is no {request.method} {path} here")
        name = _name(unquote(path.removeprefix(_PREFIX).removesuffix(_SUFFIX)))
        if name not in self._pool:
            return _refused(404, "ResourceNotFoundException", f"Function not found: {arn(name)}")
        return await self._invoke(name, request)

    async def _invoke(self, name: str, request: Request) -> Answer:
        payload = request.body or b"{}"
        if len(payload) > PAYLOAD_LIMIT:
            text = f"Request must be smaller than {PAYLOAD_LIMIT} bytes for the InvokeFunction operation"
            return _refused(413, "RequestTooLargeException", text)
        try:
            orjson.loads(payload)
        except orjson.JSONDecodeError as error:
            text = f"Could not parse request body into json: {error}"
            return _refused(400, "InvalidRequestContentException", text)
        if request.headers.get("x-amz-invocation-type") == "Event":
            task: asyncio.Task[object] = asyncio.create_task(self._pool.call(name, payload))
            self._events.add(task)
            task.add_done_callback(self._events.discard)
            return Answer(202, b"", {"x-amzn-RequestId": str(uuid4())})
        outcome = await self._pool.call(name, payload)
        headers = {"Content-Type": "application/json", "X-Amz-Executed-Version": "$LATEST"}
        if outcome.error:
            headers["X-Amz-Function-Error"] = "Unhandled"
        return Answer(200, outcome.payload, {"x-amzn-RequestId": str(uuid4()), **headers})


def _name(given: str) -> str:
    """The function's name: of a name or an ARN, with or without a version or an alias."""
    parts = given.split(":")
    return parts[6] if given.startswith("arn:") and len(parts) > 6 else parts[0]


def _refused(status: int, kind: str, message: str) -> Answer:
    body = orjson.dumps({"Type": "User", "Message": message})
    return Answer(status, body, {"Content-Type": "application/json", "x-amzn-ErrorType": kind})


async def _serve(service: Service, port: int) -> None:
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    server = await LambdaServer(service).start(port)
    say_ready()
    await stopped.wait()
    await server.stop()


def main() -> int:
    """Serve until SIGTERM. Returns the exit status."""
    parser = argparse.ArgumentParser(description="Serve Lambda's Invoke operation and run the functions.")
    parser.add_argument("service", type=Path)
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the supervisor alone
    tether()
    asyncio.run(_serve(Service.read(arguments.service), arguments.port))
    return 0


if __name__ == "__main__":
    sys.exit(main())
