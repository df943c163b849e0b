"""A small HTTP/1.1 server for programs of this machine that talk to one another: connections are kept, bodies whole.

Made for the clients that Lambda's interfaces have: AWS's runtime interface client, an AWS SDK, and the local cloud.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Self

from devtools.local.network import LOOPBACK

HEAD_LIMIT = 2 * 1024 * 1024
"""Bytes of a request's line and headers; the runtime client puts a whole stack trace into one."""


@dataclass(frozen=True)
class Request:
    """A request; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """An answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Handle = Callable[[Request], Awaitable[Answer]]


class HttpServer:
    """Serves on the loopback address until it is closed."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, port: int = 0) -> Self:
        """Begin to serve, on a free port unless one is given."""
        self._server = await asyncio.start_server(self._connected, LOOPBACK, port, limit=HEAD_LIMIT)
        return self

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{LOOPBACK}:{self._server.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        """Serve no more; requests that wait for an answer get none."""
        self._server.close()
        for connection in self._connections:
            connection.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        # A client that goes away, even in the middle of a request, has said all that it wanted to say.
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                request = await _read(reader)
                answer = await self._handle(request)
                writer.write(_written(answer))
                await writer.drain()
        self._connections.discard(task)
        writer.close()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    method, path, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Request(method, path, headers, await reader.readexactly(int(headers.get("content-length", 0))))


def _written(answer: Answer) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}", f"Content-Length: {len(answer.body)}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + answer.body
