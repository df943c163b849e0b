"""A BigLedger that is played: what an HTTP server keeps of the requests it is sent, and answers to them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any


@dataclass(frozen=True)
class Sent:
    """A request as the server saw it; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass
class PlayedApi:
    """Answers what it was told to, in order, and otherwise as the core does: a write per key takes effect once."""

    url: str
    requests: list[Sent] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)
    """Answers for the next requests: status, headers, body."""
    effects: list[tuple[str, Any]] = field(default_factory=list)
    """Path and body of the writes that took effect."""
    connections: set[Any] = field(default_factory=set)
    close_after_answer: bool = False
    """Close the connection silently after each answer, as a gateway does with one that was idle for long."""
    stored: dict[str, tuple[str, Any]] = field(default_factory=dict)

    def answer(self, status: int, body: Any = None, **headers: str) -> None:
        """Answer a coming request with this."""
        self.answers.append((status, {name.replace("_", "-"): value for name, value in headers.items()}, body))

    def problem(self, status: int, code: str, detail: str, **headers: str) -> None:
        """Answer a coming request with a problem."""
        self.answer(status, {"status": status, "code": code, "detail": detail}, **headers)

    def respond(self, sent: Sent) -> tuple[int, dict[str, str], Any]:
        """Keep the request and find its answer."""
        self.requests.append(sent)
        if self.answers:
            return self.answers.pop(0)
        if sent.method == "GET":
            return 200, {}, {"path": sent.path}
        key = sent.headers["idempotency-key"]
        if key in self.stored:
            path, body = self.stored[key]
            if (path, body) != (sent.path, sent.body):
                return 422, {}, {"status": 422, "code": "idempotency_key_reused", "detail": "another request"}
            return 201, {"Idempotency-Hit": "true"}, {"id": key, "status": "open"}
        self.stored[key] = (sent.path, sent.body)
        self.effects.append((sent.path, sent.body))
        return 201, {}, {"id": key, "status": "open"}


class Handler(BaseHTTPRequestHandler):
    """Hands each request to the played API of its server."""

    protocol_version = "HTTP/1.1"

    def serve(self) -> None:
        """Answer one request."""
        played: PlayedApi = self.server.played  # type: ignore[attr-defined]
        played.connections.add(self.client_address)
        text = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, more, body = played.respond(Sent(self.command, self.path, headers, json.loads(text) if text else None))
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in more.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = self.close_connection or played.close_after_answer

    do_GET = do_POST = serve  # noqa: N815 - the names http.server asks for

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test's output clean."""
