"""The shapes on the wire: commands in, answers out, and the scalar types both are made of.

Numbers are decimal strings. A JSON integer is accepted because it is exact; a JSON float is refused because
it may already have lost cents.
"""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, ClassVar, Generic, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from bigledger.kernel.money import CURRENCIES, plain

_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,12})?\Z")


def _exact(value: Any) -> Decimal:
    """A decimal from a string or a whole number; anything that may be inexact is refused."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, float):
        raise PydanticCustomError(
            "inexact_number", 'write this number as a string, such as "12.50": a JSON float may have lost cents'
        )
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise PydanticCustomError("not_a_number", 'expected a decimal string such as "12.50"')
    if (isinstance(value, int) and value.bit_length() > 64) or not _NUMBER.match(str(value)):
        raise PydanticCustomError(
            "not_a_number", 'expected a decimal string such as "12.50", at most 18 digits and 12 decimals'
        )
    number = Decimal(value)
    return number or number.copy_abs()


def _code(value: str) -> str:
    if len(value) == 36 and value.count("-") == 4:
        raise PydanticCustomError("looks_like_an_id", "a code must not look like an id")
    return value


def _currency(value: str) -> str:
    if value not in CURRENCIES:
        raise PydanticCustomError("unknown_currency", "{code} is not an ISO 4217 currency code", {"code": value})
    return value


def _day(value: Any) -> dt.date:
    """A day from its ISO 8601 text; numbers and instants are refused, since they hide a time zone."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        day = dt.date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None or day.isoformat() != value or not 1900 <= day.year < 2200:
        raise PydanticCustomError("not_a_date", "expected a day between 1900 and 2199, written YYYY-MM-DD")
    return day


def _instant(value: Any) -> dt.datetime:
    """A point in time from its text; a number is refused, since it may count seconds or milliseconds."""
    try:
        instant = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        instant = None
    if instant is None or instant.tzinfo is None or not 1900 <= instant.year < 2200:
        raise PydanticCustomError(
            "not_an_instant", "expected a point in time between 1900 and 2199, such as 2026-11-23T09:00:00Z"
        )
    return instant.astimezone(dt.UTC)


_SCHEMA = WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]{1,18}(\.[0-9]{1,12})?$"})
_AS_TEXT = PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json")

Amount = Annotated[Decimal, BeforeValidator(_exact), _AS_TEXT, _SCHEMA]
"""Money in a currency named beside it; a decimal string on the wire."""

Number = Annotated[Decimal, BeforeValidator(_exact), AfterValidator(plain), _AS_TEXT, _SCHEMA]
"""A quantity, rate or factor: exact, written without trailing zeros."""

Positive = Annotated[Number, Field(gt=0)]
"""A quantity or rate above zero."""

Day = Annotated[dt.date, BeforeValidator(_day)]
"""A calendar day in a command, written YYYY-MM-DD, between 1900 and 2199."""

Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
"""A point in time in a command, written as RFC 3339 says with its offset from UTC, between 1900 and 2199."""

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(_currency)]
"""An ISO 4217 currency code."""

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$"), AfterValidator(_code)]
"""The code people know a record by, such as CUST001: letters, digits and . _ / - , at most 40, and no id."""

Reference = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""Names a record by its code or its id."""


@dataclass(frozen=True)
class To:
    """Says which type of record a Reference names: ``Annotated[Reference, To("tax")]``."""

    type: str


@dataclass(frozen=True)
class ShownOnce:
    """Marks a secret in an answer: it is told once and never stored with the answer."""


Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]
"""A line of text for people."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""The name of something or someone."""


class Command(BaseModel):
    """What a caller asks for. Unknown fields are refused; the object does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def in_order(first: str, last: str) -> Any:
    """The check that one day of a command is not after another one, where both are given.

    Set it as ``_days = in_order("starts_on", "ends_on")`` in the command's class.
    """

    def checked(command: BaseModel) -> BaseModel:
        begins, ends = (getattr(command, name) for name in (first, last))
        if begins is not None and ends is not None and begins > ends:
            fields = type(command).model_fields
            names = {"first": fields[first].alias or first, "last": fields[last].alias or last}
            raise PydanticCustomError("dates_reversed", "{first} is after {last}", names)
        return command

    return model_validator(mode="after")(checked)


@dataclass(frozen=True, slots=True)
class Content:
    """A file that is sent instead of JSON."""

    media_type: str
    data: bytes
    name: str


class Answer(BaseModel):
    """What an operation answers. ``other_formats`` are the media types of the files it may be sent as."""

    model_config = ConfigDict(frozen=True, defer_build=True)
    other_formats: ClassVar[tuple[str, ...]] = ()

    def as_file(self) -> Content | None:
        """The file to send instead of the answer's JSON, where one was asked for."""
        return None

    def as_json(self, shares: Any = None) -> str:
        """The answer as it is sent: what is null is left out. Long lists found in ``shares`` stand there by tokens."""
        return self.model_dump_json(exclude_none=True, context=shares)


class Ref(Answer):
    """A reference in an answer: both the id and the code, and the name where there is one."""

    id: UUID
    code: str
    name: str | None = None


Item = TypeVar("Item")


class Page(Answer, Generic[Item]):
    """One page of a list. ``next_cursor`` is null on the last page."""

    data: list[Item]
    next_cursor: str | None = None

    def as_json(self, shares: Any = None) -> str:
        """Nulls are left out of answers, but the end of a list is worth saying."""
        text = super().as_json(shares)
        return text if self.next_cursor is not None else f'{text[:-1]},"next_cursor":null}}'


@cache
def secret_fields(answer: type[BaseModel]) -> frozenset[str]:
    """The fields of an answer that are marked ShownOnce."""
    return frozenset(
        name for name, info in answer.model_fields.items() if any(isinstance(mark, ShownOnce) for mark in info.metadata)
    )
