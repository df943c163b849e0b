"""The Lambda runtime API (version 2018-06-01) for one process of a function: it fetches invocations and posts answers.

What is served is what AWS's runtime interface client asks for: the next invocation, the response or the error of an
invocation, and the error of an initialization. The first request for an invocation says that the function is loaded.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Self

import orjson

from devtools.local.lambda_http import Answer, HttpServer, Request

PAYLOAD_LIMIT = 6 * 1024 * 1024 + 100
"""Bytes of an event or an answer."""

_BASE = "/2018-06-01/runtime/"
_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Invocation:
    """One call of the function; the deadline is in milliseconds since 1970."""

    id: str
    payload: bytes
    arn: str
    deadline: int
    trace: str


@dataclass(frozen=True)
class Outcome:
    """What a call came to: the answer's JSON, or with ``error`` an error's JSON, and whether the function said it."""

    payload: bytes
    error: bool = False


def failure(kind: str, message: str) -> Outcome:
    """A failure that the function could not tell of itself."""
    return Outcome(orjson.dumps({"errorType": kind, "errorMessage": message}), error=True)


@dataclass
class _Current:
    invocation: Invocation
    outcome: asyncio.Future[Outcome] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class RuntimeApi:
    """The endpoint of one process."""

    def __init__(self) -> None:
        self._server = HttpServer(self._handle)
        self._next: asyncio.Queue[Invocation] = asyncio.Queue()
        self._current: _Current | None = None
        self._initialized: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()

    async def start(self) -> Self:
        """Begin to serve."""
        await self._server.start()
        return self

    @property
    def address(self) -> str:
        """The value of AWS_LAMBDA_RUNTIME_API."""
        return self._server.address

    async def initialized(self) -> Outcome | None:
        """Wait until the function is loaded; answers why it could not be, if so."""
        return await asyncio.shield(self._initialized)

    async def invoke(self, invocation: Invocation) -> Outcome:
        """Hand out one invocation, and wait for what it comes to. The process does one at a time."""
        assert self._current is None
        self._current = current = _Current(invocation)
        self._next.put_nowait(invocation)
        try:
            return await current.outcome
        finally:
            self._current = None

    def end(self, outcome: Outcome) -> None:
        """The process is no more: that is what comes of its initialization or its invocation."""
        self._server.close()
        if not self._initialized.done():
            self._initialized.set_result(outcome)
        self._settle(outcome)

    def _settle(self, outcome: Outcome) -> None:
        if self._current is not None and not self._current.outcome.done():
            self._current.outcome.set_result(outcome)

    async def _handle(self, request: Request) -> Answer:
        match request.method, request.path.removeprefix(_BASE).split("/"):
            case "GET", ["invocation", "next"]:
                return await self._invocation()
            case "POST", ["invocation", str(identifier), "response" | "error" as kind]:
                return self._answered(identifier, request.body, error=kind == "error")
            case "POST", ["init", "error"]:
                if not self._initialized.done():
                    self._initialized.set_result(Outcome(request.body, error=True))
                return _accepted()
        return _refused(404, "InvalidRequest", f"There is no {request.method} {request.path} in the runtime API")

    async def _invocation(self) -> Answer:
        if not self._initialized.done():
            self._initialized.set_result(None)
        one = await self._next.get()
        headers = {
            **_JSON,
            "Lambda-Runtime-Aws-Request-Id": one.id,
            "Lambda-Runtime-Deadline-Ms": str(one.deadline),
            "Lambda-Runtime-Invoked-Function-Arn": one.arn,
            "Lambda-Runtime-Trace-Id": one.trace,
        }
        return Answer(200, one.payload, headers)

    def _answered(self, identifier: str, body: bytes, *, error: bool) -> Answer:
        if self._current is None or self._current.invocation.id != identifier:
            return _refused(400, "InvalidRequestID", f"Invocation {identifier} is not under way")
        if len(body) > PAYLOAD_LIMIT:
            size = f"{len(body)} bytes; at most {PAYLOAD_LIMIT} are accepted"
            self._settle(failure("Function.ResponseSizeTooLarge", f"The response has {size}"))
            return _refused(413, "RequestEntityTooLarge", f"The response has {size}")
        self._settle(Outcome(body, error))
        return _accepted()


def _accepted() -> Answer:
    return Answer(202, b'{"status":"OK"}\n', _JSON)


def _refused(status: int, kind: str, message: str) -> Answer:
    return Answer(status, orjson.dumps({"errorType": kind, "errorMessage": message}), _JSON)
