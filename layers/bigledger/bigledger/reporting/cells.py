"""The identifiers of cells: everything that ``explain`` needs to find the lines again, in one opaque text."""

import base64
import binascii
import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from pydantic import Field, ValidationError

from bigledger.kernel import Command, FieldError, InvalidRequest, listing

LONGEST = 2000
"""How long an identifier may be."""


class Address(Command):
    """Where a cell stands: its report, row and column, and what the report was asked for."""

    kind: str
    row: str
    company: UUID
    others: list[UUID] = []
    """The other companies, where it is a total of several."""
    first: dt.date | None = None
    last: dt.date
    known_at: dt.datetime | None = None
    dimension: dict[str, str] = {}
    split: str | None = None
    """The dimension the report is split by, or ``company``."""
    value: str | None = None
    """The value of the split dimension, with ``split``."""
    shared: bool = False
    """Whether the column is one of a split dimension's values rather than of all."""
    options: dict[str, str] = Field(default={})
    """What else makes the figure, by the report's own names."""


_SHORT = {
    "kind": "k",
    "row": "r",
    "company": "c",
    "others": "w",
    "first": "f",
    "last": "l",
    "known_at": "t",
    "dimension": "d",
    "split": "s",
    "value": "v",
    "shared": "h",
    "options": "o",
}
_LONG = {short: name for name, short in _SHORT.items()}


def identifier(address: Address) -> str:
    """The text that stands for an address."""
    told = {_SHORT[name]: inner for name, inner in address.model_dump(mode="json", exclude_defaults=True).items()}
    return base64.urlsafe_b64encode(orjson.dumps(told)).decode().rstrip("=")


def address(cell: str) -> Address:
    """The address behind an identifier. Raises InvalidRequest for a text that no report gave."""
    try:
        told: Any = orjson.loads(base64.urlsafe_b64decode(cell + "=" * (-len(cell) % 4)))
        if not isinstance(told, dict) or "\\u0000" in orjson.dumps(told).decode():
            raise unknown_cell()
        return Address.model_validate({_LONG.get(name, name): inner for name, inner in told.items()})
    except (binascii.Error, ValidationError, ValueError) as error:
        raise unknown_cell() from error


_LARGEST = 2**31 - 1  # the largest integer of Postgres


def line_position(parts: Sequence[str]) -> list[str]:
    """The line that a cursor's parts stand for: its date, instant, document, entry, line. Raises InvalidRequest."""
    day, instant, document, entry, line = parts
    try:
        return [
            str(dt.date.fromisoformat(day)),
            dt.datetime.fromisoformat(instant).isoformat(),
            str(UUID(document)),
            str(min(max(int(entry), 0), _LARGEST)),
            str(min(max(int(line), 0), _LARGEST)),
        ]
    except ValueError as error:
        raise listing.bad_cursor() from error


def unknown_cell() -> InvalidRequest:
    """What to raise for an identifier that names no cell of the report."""
    return InvalidRequest(
        "The report has no such cell.",
        errors=[FieldError("/cell", "unknown_cell", "pass the cell as it stands in the report")],
    )
