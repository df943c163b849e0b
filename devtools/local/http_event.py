"""Turns a WSGI request into the event of an HTTP API (payload format 2.0), and a function's answer back into HTTP."""

from __future__ import annotations

import base64
import binascii
import os
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import orjson

from devtools.local.cloudformation import ACCOUNT

BODY_LIMIT = 10 * 1024 * 1024
"""The largest body that API Gateway accepts, in bytes."""

API_ID = "local"
STAGE = "$default"

_STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
_TEXTS = ("application/json", "application/problem+json", "application/xml", "application/javascript", "text/")

_header_names: dict[str, str | None] = {"CONTENT_TYPE": "content-type", "CONTENT_LENGTH": "content-length"}
_second: tuple[int, str] = (0, "")


class BodyTooLarge(Exception):
    """The body is over API Gateway's limit."""


def request_id() -> str:
    """A new request id, in the shape of the HTTP API's own."""
    return binascii.b2a_base64(os.urandom(11), newline=False).decode()


def event_of(
    environ: Mapping[str, Any], route_key: str, path: str, parameters: dict[str, str] | None, identifier: str
) -> dict[str, Any]:
    """The event of a request on a route.

    Raises BodyTooLarge.
    """
    headers = _headers(environ)
    cookies = headers.pop("cookie", None)
    query = environ["QUERY_STRING"]
    now = time.time()
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": headers.get("host", "127.0.0.1").partition(":")[0],
            "domainPrefix": API_ID,
            "http": {
                "method": environ["REQUEST_METHOD"],
                "path": path,
                "protocol": environ["SERVER_PROTOCOL"],
                "sourceIp": environ["REMOTE_ADDR"],
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": identifier,
            "routeKey": route_key,
            "stage": STAGE,
            "time": _clock(now),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies.split("; ")
    if query:
        event["queryStringParameters"] = _parameters(query)
    if parameters:
        event["pathParameters"] = parameters
    body = _body(environ)
    if body:
        text = _text(body, headers.get("content-type", ""))
        event["isBase64Encoded"] = text is None
        event["body"] = base64.b64encode(body).decode() if text is None else text
    return event


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for key, value in environ.items():
        try:
            name = _header_names[key]
        except KeyError:
            name = key[5:].replace("_", "-").lower() if key.startswith("HTTP_") else None
            if len(_header_names) < 4096:  # names come from clients
                _header_names[key] = name
        if name is not None:
            headers[name] = value
    headers["x-forwarded-for"] = environ["REMOTE_ADDR"]
    headers["x-forwarded-port"] = environ["SERVER_PORT"]
    headers["x-forwarded-proto"] = environ["wsgi.url_scheme"]
    return headers


def _parameters(query: str) -> dict[str, str]:
    """Query parameters by name, values of a repeated one joined by commas."""
    values: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        values[name] = f"{values[name]},{value}" if name in values else value
    return values


def _body(environ: Mapping[str, Any]) -> bytes:
    length = environ.get("CONTENT_LENGTH")
    if length in (None, "0", "") and "HTTP_TRANSFER_ENCODING" not in environ:
        return b""
    if length and int(length) > BODY_LIMIT:
        raise BodyTooLarge
    body: bytes = environ["wsgi.input"].read(BODY_LIMIT + 1)
    if len(body) > BODY_LIMIT:
        raise BodyTooLarge
    return body


def _text(body: bytes, content_type: str) -> str | None:
    """The body as a text where the gateway passes it on as one, else None."""
    if not content_type.lower().startswith(_TEXTS):
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _clock(now: float) -> str:
    """The time as the gateway writes it, made once per second."""
    global _second
    second = int(now)
    kept = _second
    if kept[0] != second:
        _second = kept = (second, time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(second)))
    return kept[1]


def answer(result: Any, start_response: Callable[..., Any]) -> list[bytes]:
    """Answer what a function returned. Without a statusCode it is the JSON of a 200, as the gateway reads it.

    Raises TypeError or ValueError when it is no answer at all.
    """
    if not isinstance(result, dict) or "statusCode" not in result:
        start_response(_STATUS_LINES[200], [("content-type", "application/json")])
        return [result.encode() if isinstance(result, str) else orjson.dumps(result)]
    headers = [(name.lower(), str(value)) for name, value in (result.get("headers") or {}).items()]
    headers += [("set-cookie", cookie) for cookie in result.get("cookies") or ()]
    body = result.get("body") or ""
    raw = base64.b64decode(body) if result.get("isBase64Encoded") else body.encode()
    status = int(result["statusCode"])
    start_response(_STATUS_LINES.get(status, f"{status} "), headers)
    return [raw]
