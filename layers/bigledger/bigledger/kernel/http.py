"""API Gateway's HTTP API events (payload format 2.0), read and answered."""

import base64
import json
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from bigledger.kernel.problems import FieldError, InvalidRequest, MalformedRequest, PayloadTooLarge, Problem
from bigledger.kernel.serialization import json_text
from bigledger.kernel.wire import Content

BODY_LIMIT = 1024 * 1024
"""The largest body accepted, in bytes."""

_ALLOWED_CONTROLS = {"\n", "\r", "\t"}
_SUSPICIOUS = (b"\\", b"\x7f", b"\xc2")  # an escape, delete, the first byte of the C1 controls in UTF-8


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as the gateway hands it over; header names are lower case."""

    method: str
    path: str
    path_parameters: Mapping[str, str]
    query: Mapping[str, str]
    doubled: tuple[str, ...]
    """The query parameters that stand more than once, which cannot be understood."""
    headers: Mapping[str, str]
    body: bytes
    id: str
    authorizer: Mapping[str, Any]


@dataclass(slots=True)
class HttpResponse:
    """An answer: a status, a JSON text and headers. A file's body is ``encoded`` in base64."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)
    encoded: bool = False

    def event(self) -> dict[str, Any]:
        """The answer as the gateway expects it."""
        headers = {"Content-Type": "application/json"} | self.headers
        return {"statusCode": self.status, "headers": headers, "body": self.body, "isBase64Encoded": self.encoded}


def request_from_event(event: Mapping[str, Any]) -> HttpRequest:
    """Read the gateway's event; whether it is acceptable is for others to say."""
    context = event["requestContext"]
    body = event.get("body") or ""
    pairs = parse_qsl(event.get("rawQueryString", ""), keep_blank_values=True)
    times = Counter(name for name, _ in pairs)
    return HttpRequest(
        method=context["http"]["method"],
        path=event["rawPath"],
        path_parameters=event.get("pathParameters") or {},
        query=dict(pairs),
        doubled=tuple(name for name, count in times.items() if count > 1),
        headers=event.get("headers") or {},
        body=base64.b64decode(body) if event.get("isBase64Encoded") else body.encode(),
        id=context["requestId"],
        authorizer=context.get("authorizer", {}).get("lambda") or {},
    )


def json_body(request: HttpRequest) -> dict[str, Any]:
    """The request's body as a JSON object; {} when there is none.

    Raises PayloadTooLarge, MalformedRequest, or InvalidRequest for control characters in a string.
    """
    if len(request.body) > BODY_LIMIT:
        raise PayloadTooLarge(
            f"The body has {len(request.body)} bytes; at most {BODY_LIMIT} are accepted. Split the work.",
            limit=BODY_LIMIT,
        )
    if not request.body.strip():
        return {}
    try:
        value = json.loads(request.body.decode(), object_pairs_hook=_once_each, parse_constant=_no_number)
        if b"\\u" in request.body:
            json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise MalformedRequest(f"The body is not valid JSON: {error}.") from error
    if not isinstance(value, dict):
        raise MalformedRequest("The body must be a JSON object.")
    if any(mark in request.body for mark in _SUSPICIOUS):
        refuse_control_characters(value)
    return value


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose names differ; of two alike the later would win silently."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return value


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


def refuse_control_characters(value: Any) -> None:
    """Refuse characters that no text for people has and that the database cannot keep.

    Raises InvalidRequest with a pointer to each place.
    """
    places = [
        FieldError(pointer, "control_character", "remove the control characters from this text")
        for pointer, text in _texts(value, "")
        if any(unicodedata.category(letter) == "Cc" and letter not in _ALLOWED_CONTROLS for letter in text)
    ]
    if places:
        raise InvalidRequest("Some texts have control characters in them.", errors=places)


def _texts(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            place = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            yield place, key
            yield from _texts(inner, place)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{pointer}/{index}")


def file_response(status: int, file: Content) -> HttpResponse:
    """A file as the gateway hands it on: downloaded under its name."""
    headers = {
        "Content-Type": file.media_type,
        "Content-Disposition": f'attachment; filename="{file.name}"',
    }
    return HttpResponse(status, base64.b64encode(file.data).decode(), headers, encoded=True)


def problem_response(problem: Problem, instance: str) -> HttpResponse:
    """A problem as its RFC 9457 answer."""
    headers = {"Content-Type": "application/problem+json", **problem.headers()}
    return HttpResponse(problem.status, json_text(problem.body(instance)), headers)
