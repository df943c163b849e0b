"""The HTTP side: one connection that is kept, requests that are tried again, problems as exceptions."""

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

TIMEOUT = 10
"""Seconds to wait for an answer."""

TRIES = 4
"""How often a request is sent while the API says that it should be sent again."""

LONGEST_WAIT = 5
"""Seconds that are waited for another try; when the API asks for more, the queue brings the event back later."""


class ApiProblem(Exception):
    """The API refused a request (RFC 9457).

    ``code`` is what a program tests for (``not_found``), ``status`` the HTTP status, ``detail`` the sentence for a
    person, ``members`` the whole problem document.
    """

    def __init__(self, status: int, code: str, detail: str, members: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.members = dict(members or {})


class Unreachable(ApiProblem):
    """No answer came. Whether the request took effect is not known; sent again with the same key it does once."""

    def __init__(self, detail: str) -> None:
        super().__init__(0, "unreachable", detail)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the API, whatever its status; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def read_key() -> str:
    """The applet's key: API_KEY, or the secret that API_KEY_SECRET names.

    Raises RuntimeError when neither is set.
    """
    given = os.environ.get("API_KEY")
    if given:
        return given
    name = os.environ.get("API_KEY_SECRET")
    if not name:
        raise RuntimeError("Set API_KEY_SECRET to the name of the secret that holds the applet's API key.")
    import boto3  # slow to import, and needed once

    return str(boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]).strip()


class Client:
    """Sends requests to one installation of BigLedger with one key. For one thread, as a Lambda has.

    ``url`` is the address without a path. The key is read at the first request, and again when the API no longer
    accepts it, so that it can be rotated at any time.
    """

    def __init__(
        self, url: str, read_key: Callable[[], str] = read_key, pause: Callable[[float], None] = time.sleep
    ) -> None:
        address = urlsplit(url)
        if address.scheme not in {"http", "https"} or not address.hostname:
            raise ValueError(f"{url!r} is no address of BigLedger; it looks like https://erp.example.com")
        self._address = address
        self._prefix = address.path.rstrip("/")
        self._read_key = read_key
        self._pause = pause
        self._key: str | None = None
        self._connection: HTTPConnection | None = None

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send a request and answer the JSON that came back, None for an empty answer.

        429 and 503, and a 409 that says when to come back, are tried again. A write has to carry an Idempotency-Key
        in ``headers``, since it may be sent more than once.

        Raises ApiProblem, or Unreachable when no answer came.
        """
        target = f"{self._prefix}{path}" + (f"?{urlencode(query)}" if query else "")
        content = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        if self._key is None:
            self._key = self._read_key()
        answer = self._send(method, target, content, headers or {})
        if answer.status == 401 and self._renewed_key():
            answer = self._send(method, target, content, headers or {})
        for _ in range(TRIES - 1):
            wait = _wait(answer)
            if wait is None or wait > LONGEST_WAIT:
                break
            self._pause(wait)
            answer = self._send(method, target, content, headers or {})
        return _result(answer)

    def _send(self, method: str, target: str, content: bytes | None, extra: Mapping[str, str]) -> Answer:
        headers = {"Accept": "application/json", "Authorization": f"Bearer {self._key}", **extra}
        if content is not None:
            headers["Content-Type"] = "application/json"
        kept = self._connection is not None
        try:
            return self._exchange(method, target, content, headers)
        except (OSError, HTTPException) as error:
            self.close()
            if not kept:
                raise self._unreachable(error) from error
        # A kept connection may have been closed by the other side while it was idle: once more, on a new one.
        try:
            return self._exchange(method, target, content, headers)
        except (OSError, HTTPException) as error:
            self.close()
            raise self._unreachable(error) from error

    def _exchange(self, method: str, target: str, content: bytes | None, headers: Mapping[str, str]) -> Answer:
        if self._connection is None:
            kind = HTTPSConnection if self._address.scheme == "https" else HTTPConnection
            self._connection = kind(self._address.hostname or "", self._address.port, timeout=TIMEOUT)
        self._connection.request(method, target, content, headers)
        response: HTTPResponse = self._connection.getresponse()
        body = response.read()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body)

    def _unreachable(self, error: Exception) -> Unreachable:
        return Unreachable(f"{self._address.geturl()} does not answer ({type(error).__name__}: {error}).")

    def _renewed_key(self) -> bool:
        """Whether the key has been replaced since it was read."""
        before, self._key = self._key, self._read_key()
        return self._key != before

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _wait(answer: Answer) -> int | None:
    """Seconds after which the request should be sent again; None when it should not."""
    asked = answer.headers.get("retry-after", "")
    if answer.status in {409, 429, 503} and asked.isdecimal():
        return int(asked)
    return 1 if answer.status in {429, 503} else None


def _result(answer: Answer) -> Any:
    try:
        value = json.loads(answer.body, parse_float=Decimal) if answer.body else None
    except ValueError:
        value = None
        if answer.status < 300:
            raise ApiProblem(
                answer.status, "unreadable", "The answer is not JSON. Is this the address of the API?"
            ) from None
    if answer.status < 300:
        return value
    problem = value if isinstance(value, dict) else {}
    told = answer.body.decode(errors="replace")[:500]
    detail = str(problem.get("detail") or problem.get("message") or told or "The API gave no reason.")
    raise ApiProblem(answer.status, str(problem.get("code") or f"http_{answer.status}"), detail, problem)
