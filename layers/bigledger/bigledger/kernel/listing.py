"""Lists: keyset pages over documents with typed, whitelisted filters and sorting."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast
from uuid import UUID

import orjson
from pydantic import BaseModel, Field, create_model, model_validator

from bigledger.kernel.database import Parameter
from bigledger.kernel.documents import AS_JSON, Document, from_json, is_id, part_as_json
from bigledger.kernel.problems import FieldError, InvalidRequest
from bigledger.kernel.wire import Command

if TYPE_CHECKING:
    from bigledger.kernel.context import Context

Model = TypeVar("Model", bound=BaseModel)

_NONE: Mapping[str, "Filter"] = {}

_OPERATORS = {"eq": "=", "gte": ">=", "gt": ">", "lte": "<=", "lt": "<"}


@dataclass(frozen=True, slots=True)
class Filter:
    """A column that a list may be filtered on; the column type is leakproof, so the index serves under RLS."""

    column: str
    type: str = "text"
    refers_to: str | None = None
    """The type of record whose code or id the value is, for a column that holds its id."""

    @property
    def ordered(self) -> bool:
        """Whether gte, gt, lte and lt make sense."""
        return self.type in {"date", "timestamptz"}


class ListQuery(Command):
    """The query of a list: ``limit``, ``cursor``, ``sort`` and filters such as ``due_date[gte]=2026-01-01``."""

    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=400)
    sort: str | None = Field(default=None, max_length=40)
    filters: dict[str, str] = Field(default_factory=dict)

    allowed_filters: ClassVar[Mapping[str, Filter]] = {}
    allowed_sorts: ClassVar[Sequence[str]] = ()
    default_filters: ClassVar[Mapping[str, str]] = {}
    """What holds of a column unless the query filters on it."""

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, value: Any) -> Any:
        """Take the filters out of the flat query."""
        if not isinstance(value, dict):
            return value
        known = {name: inner for name, inner in value.items() if name in cls.model_fields and name != "filters"}
        given = {name: inner for name, inner in value.items() if name not in known}
        columns = {written.partition("[")[0] for written in given}
        defaults = {name: inner for name, inner in cls.default_filters.items() if name not in columns}
        return known | {"filters": {**defaults, **given}}


@dataclass(frozen=True, slots=True)
class Listed:
    """A document of a page, and what the ``beside`` expression said of it."""

    document: Document
    beside: str | None


def page(
    context: "Context",
    type: str,
    query: ListQuery,
    beside: str = "NULL",
    part: type[BaseModel] | None = None,
    filters: Mapping[str, Filter] = _NONE,
) -> tuple[list[Listed], str | None]:
    """One page of the tenant's documents of a type, newest first unless sorted, and the cursor of the next.

    A sorted list has the documents that have a value to sort by. ``beside`` is an SQL expression (text) over the
    document ``d``, read in the same statement; ``part`` has the fields of the data that are needed; ``filters`` are
    allowed besides those of the query. Raises
    InvalidRequest for a filter, sort or cursor that is not allowed.
    """
    conditions, parameters = _conditions(query, {**query.allowed_filters, **filters})
    column, descending = _sorting(query)
    if query.cursor is not None:
        after, parameters["after_id"] = _position(query.cursor, _order(type, query), column)
        compare = "<" if descending else ">"
        if column is None:
            conditions.append(f"d.id {compare} cast(:after_id AS uuid)")
        else:
            # The column by itself, too: an index that goes on with another one than the id serves that part.
            conditions.append(f"d.{column.column} {compare}= cast(:after AS {column.type})")
            conditions.append(
                f"(d.{column.column}, d.id) {compare} (cast(:after AS {column.type}), cast(:after_id AS uuid))"
            )
            parameters["after"] = after
    elif column is not None:
        conditions.append(f"d.{column.column} IS NOT NULL")
    way = "DESC" if descending else "ASC"
    order = f"d.id {way}" if column is None else f"d.{column.column} {way}, d.id {way}"
    where = " AND ".join(["d.type = :type", *conditions])
    document = part_as_json(part) if part else AS_JSON
    rows = context.work.read(
        f"SELECT {document}::text, {beside} FROM kernel.document d WHERE {where} ORDER BY {order} LIMIT :limit",
        type=type,
        limit=query.limit + 1,
        **parameters,
    )
    found = [Listed(from_json(orjson.loads(row[0])), row[1]) for row in rows[: query.limit]]
    if len(rows) <= query.limit:
        return found, None
    last = found[-1].document
    value = "" if column is None else str(getattr(last, column.column))
    return found, cursor(_order(type, query), value, str(last.id))


@cache
def part_of(shown: type[BaseModel], data: type[Model]) -> type[Model]:
    """A model of those fields of a document's data that a list shows; the others are neither sent nor read."""
    fields: dict[str, Any] = {
        name: (field.annotation, field) for name, field in data.model_fields.items() if name in shown.model_fields
    }
    return cast("type[Model]", create_model(f"{data.__name__}Part", **fields))


def _order(type: str, query: ListQuery) -> str:
    """What a cursor belongs to: the list and the order it is in."""
    return f"{type} {query.sort or ''}"


def cursor(*position: str) -> str:
    """An opaque cursor for a position in a list."""
    return base64.urlsafe_b64encode(orjson.dumps(position)).decode().rstrip("=")


def read_cursor(text: str, parts: int) -> list[str]:
    """The position a cursor stands for; raises InvalidRequest when it is none of ours."""
    try:
        position = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError) as error:
        raise bad_cursor() from error
    if not isinstance(position, list) or len(position) != parts:
        raise bad_cursor()
    if not all(isinstance(part, str) and "\0" not in part for part in position):
        raise bad_cursor()
    return position


def _position(text: str, order: str, column: Filter | None) -> tuple[str, str]:
    """The value and the id after which the next page starts. A cursor serves only the list and order it is of."""
    given, value, last_id = read_cursor(text, 3)
    if given != order:
        raise bad_cursor()
    try:
        return (value if column is None else _typed(column, value)), str(UUID(last_id))
    except ValueError as error:
        raise bad_cursor() from error


def bad_cursor(pointer: str = "/cursor") -> InvalidRequest:
    """What to raise for a cursor that is none of ours; ``pointer`` is where the caller wrote it."""
    return InvalidRequest(
        "The cursor is not one this list gave.",
        errors=[FieldError(pointer, "invalid_cursor", "pass next_cursor as it was, or leave it out")],
    )


def _conditions(query: ListQuery, allowed: Mapping[str, Filter]) -> tuple[list[str], dict[str, Parameter]]:
    conditions: list[str] = []
    parameters: dict[str, Parameter] = {}
    errors: list[FieldError] = []
    for index, (written, value) in enumerate(query.filters.items()):
        name, bracket, rest = written.partition("[")
        known = allowed.get(name)
        if known is None:
            choice = ", ".join(sorted(allowed)) or "nothing"
            errors.append(FieldError(f"/{written}", "unknown_filter", f"this list can be filtered by {choice}"))
            continue
        operator = "eq" if not bracket else rest.removesuffix("]") if rest.endswith("]") else ""
        sign = _OPERATORS.get(operator)
        if sign is None or (sign != "=" and not known.ordered):
            errors.append(FieldError(f"/{written}", "unknown_operator", "use eq, and gte, gt, lte, lt for dates"))
            continue
        parameter = f"filter_{index}"
        try:
            parameters[parameter] = _typed(known, value)
        except ValueError:
            errors.append(FieldError(f"/{written}", "invalid_value", f"expected a value of type {known.type}"))
            continue
        if known.refers_to is not None and not is_id(value):
            wanted = f"SELECT id FROM kernel.document WHERE type = '{known.refers_to}' AND number = :{parameter}"
            conditions.append(f"d.{known.column} = ({wanted})")
        else:
            conditions.append(f"d.{known.column} {sign} cast(:{parameter} AS {known.type})")
    if errors:
        raise InvalidRequest("The list cannot be filtered like this.", errors=errors)
    return conditions, parameters


def _typed(known: Filter, value: str) -> str:
    if known.refers_to is not None:
        return value
    if known.type == "uuid":
        return str(UUID(value))
    if known.type == "date":
        day = date.fromisoformat(value).isoformat()
        if day != value:
            raise ValueError("a day is written YYYY-MM-DD")
        return day
    if known.type == "timestamptz":
        return datetime.fromisoformat(value).isoformat()
    return value


def _sorting(query: ListQuery) -> tuple[Filter | None, bool]:
    if query.sort is None:
        return None, True
    name = query.sort.removeprefix("-")
    if name not in query.allowed_sorts:
        choice = ", ".join(query.allowed_sorts) or "nothing"
        raise InvalidRequest(
            "The list cannot be sorted like this.",
            errors=[FieldError("/sort", "unknown_sort", f"this list can be sorted by {choice}, with - for descending")],
        )
    return query.allowed_filters[name], query.sort.startswith("-")
