"""A load generator that costs little: one process, one loop, a keep-alive connection per client.

It shares the machine with what it measures, so a client is no more than a socket and an iterator of requests. Answers
are read whole and must be successes; what they say is handed on only to those who ask.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit


class LoadFailed(Exception):
    """A request was answered with something else than success."""


@dataclass(slots=True)
class Measured:
    """The seconds that each request took, in order of its end, and how long all of them took together."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Requests answered per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """The latency in milliseconds that this share of the requests stayed within."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request(method: str, path: str, key: str, body: bytes = b"", idempotency_key: str = "") -> bytes:
    """The bytes of a request with an API key."""
    head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {key}"]
    if body:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    if idempotency_key:
        head.append(f"Idempotency-Key: {idempotency_key}")
    return "\r\n".join([*head, "", ""]).encode() + body


def run(
    url: str, clients: Sequence[Iterator[bytes]], seconds: float, seen: Callable[[bytes], None] | None = None
) -> Measured:
    """Let each client send its requests, one after the other, until the time is over or it has none left.

    ``seen`` is given the body of each answer. Raises LoadFailed for an answer that is no success.
    """
    place = urlsplit(url)
    measured = Measured()
    with selectors.DefaultSelector() as selector:
        for requests in clients:
            client = _Client((str(place.hostname), place.port or 80), requests)
            selector.register(client.connection, selectors.EVENT_READ, client)
        begin = time.perf_counter()
        waiting = sum(key.data.send() for key in selector.get_map().values())
        while waiting:
            for key, _ in selector.select():
                body = key.data.receive()
                if body is None:
                    continue
                now = time.perf_counter()
                measured.latencies.append(now - key.data.started)
                if seen:
                    seen(body)
                waiting -= 1
                if now - begin < seconds:
                    waiting += key.data.send()
        measured.seconds = time.perf_counter() - begin
        for key in selector.get_map().values():
            key.data.connection.close()
    return measured


class _Client:
    """A connection that sends its next request when it is told to, and gathers the answer."""

    __slots__ = ("_expected", "_received", "_requests", "connection", "started")

    def __init__(self, address: tuple[str, int], requests: Iterator[bytes]) -> None:
        self.connection = socket.create_connection(address)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.started = 0.0
        self._requests = requests
        self._received = bytearray()
        self._expected = 0

    def send(self) -> int:
        """Send the next request; answers how many were sent."""
        following = next(self._requests, None)
        if following is None:
            return 0
        self._received.clear()
        self._expected = 0
        self.started = time.perf_counter()
        self.connection.sendall(following)
        return 1

    def receive(self) -> bytes | None:
        """Take what has arrived; answers the body once it is whole."""
        arrived = self.connection.recv(1 << 18)
        if not arrived:
            raise LoadFailed("the server closed the connection")
        self._received += arrived
        end = self._received.find(b"\r\n\r\n") + 4
        if end < 4:
            return None
        self._expected = self._expected or end + _length(bytes(self._received[:end]))
        if len(self._received) < self._expected:
            return None
        body = bytes(self._received[end:])
        if self._received[9:10] != b"2":
            raise LoadFailed(f"{bytes(self._received[:15]).decode()}: {body[:600].decode(errors='replace')}")
        return body


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    raise LoadFailed("an answer without a content length")
