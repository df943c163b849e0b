"""The format of an answer that may be sent as a file: the query's ``format``, or what the Accept header prefers.

Content negotiation as in RFC 9110, 12.5.1: of the media ranges that match a format the most specific one counts, the
format of the highest weight is chosen, and of several alike the one that comes when none is asked for.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bigledger.kernel.http import HttpRequest
from bigledger.kernel.operation import Operation
from bigledger.kernel.problems import NotAcceptable

FORMATS: Mapping[str, str] = {
    "application/json": "json",
    "text/csv": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/pdf": "pdf",
}
"""What the query calls each media type."""

_RANGE = re.compile(r"(\*/\*|[\w!#$&^.+-]+/\*|[\w!#$&^.+-]+/[\w!#$&^.+-]+)")
_WEIGHT = re.compile(r"(0(\.[0-9]{0,3})?|1(\.0{0,3})?)")


def format_accepted(operation: Operation[Any, Any], request: HttpRequest) -> str | None:
    """The format that the Accept header asks for; None where it has no say. Raises NotAcceptable."""
    accept = request.headers.get("accept", "").strip()
    if not accept or "format" in request.query or not negotiated(operation) or operation.command is None:
        return None
    usual = operation.command.model_fields["format"].default
    media_types = ("application/json", *operation.answer.other_formats)
    available = sorted(media_types, key=lambda media_type: FORMATS[media_type] != usual)
    ranges = _ranges(accept)
    weights = {media_type: _weight(media_type, ranges) for media_type in available}
    chosen = max(available, key=lambda media_type: weights[media_type])
    if not weights[chosen]:
        raise NotAcceptable(
            f"The answer does not come as {accept[:100]}. Accept one of {', '.join(available)}, or name a format.",
            available=available,
        )
    return FORMATS[chosen]


def negotiated(operation: Operation[Any, Any]) -> bool:
    """Whether the format of an operation's answer is a choice."""
    command = operation.command
    return bool(operation.answer.other_formats) and command is not None and "format" in command.model_fields


def _ranges(accept: str) -> dict[str, Decimal]:
    """The media ranges of the header and their weights; what is not well formed is passed over."""
    found: dict[str, Decimal] = {}
    for part in accept.lower().split(","):
        name, *parameters = (each.strip() for each in part.split(";"))
        weight = next((each.partition("=")[2] for each in parameters if each.startswith("q=")), "1")
        if _RANGE.fullmatch(name) and _WEIGHT.fullmatch(weight):
            found[name] = max(found.get(name, Decimal(0)), Decimal(weight))
    return found


def _weight(media_type: str, ranges: Mapping[str, Decimal]) -> Decimal:
    matching: Sequence[str] = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
    return next((ranges[name] for name in matching if name in ranges), Decimal(0))
