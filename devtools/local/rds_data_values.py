"""Values on their way into and out of the RDS Data API: parameters, fields, and what is told of columns."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from psycopg import postgres, pq

from devtools.local.rds_data_errors import DataApiError, bad_request, database_error, too_large, unsupported

Binding = tuple[int, bytes | None]
"""The type a parameter is sent with (its oid, 0 for one that Postgres has to infer) and its text."""

RESULT_LIMIT = 1024 * 1024
"""Bytes of a result as Postgres sends it: what the fields hold, four more for each, and two for each row."""

ROW_LIMIT = 64 * 1024
"""Bytes of a row, counted alike."""

JSON_LIMIT = 10 * 1024 * 1024

_BOOL, _BYTEA, _INT8, _TEXT, _JSON, _FLOAT8, _NUMERIC, _UUID = 16, 17, 20, 25, 114, 701, 1700, 2950
_DATE, _TIME, _TIMESTAMP = 1082, 1083, 1114

_HINTS: Mapping[str, tuple[int, str, str]] = {
    "DATE": (_DATE, "Date", r"\d{4}-\d{2}-\d{2}"),
    "DECIMAL": (_NUMERIC, "Decimal", r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"),
    "JSON": (_JSON, "Json", r".*"),
    "TIME": (_TIME, "Time", r"\d{2}:\d{2}:\d{2}(\.\d+)?"),
    "TIMESTAMP": (_TIMESTAMP, "TimeStamp", r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d+)?"),
    "UUID": (_UUID, "UUID", r"[0-9a-fA-F-]{32,36}"),
}

# ---- parameters -----------------------------------------------------------------------------------------------------


def bindings(parameters: Sequence[Mapping[str, Any]]) -> dict[str, Binding]:
    """The parameters of a request by name. Raises DataApiError for what the service does not take."""
    return {str(parameter.get("name", "")): _binding(parameter) for parameter in parameters}


def _binding(parameter: Mapping[str, Any]) -> Binding:
    name, value, hint = parameter.get("name"), parameter.get("value") or {}, parameter.get("typeHint")
    if "arrayValue" in value:
        raise bad_request("Array parameters are not supported.")
    if value.get("isNull"):
        return 0, None
    if "stringValue" in value:
        return _text(str(value["stringValue"]), hint)
    for kind, (oid, as_text) in _SCALARS.items():
        if kind in value:
            return oid, as_text(value[kind])
    raise bad_request(f'Parameter "{name}" has value with no field set')


def _text(text: str, hint: str | None) -> Binding:
    if hint is None:
        return _TEXT, text.encode()
    if hint not in _HINTS:
        raise bad_request(f"Unknown type hint {hint}")
    oid, name, form = _HINTS[hint]
    if not re.fullmatch(form, text, re.DOTALL):
        raise database_error(f"Parse Error for {name}: input contains invalid characters")
    return oid, text.encode()


def _long(value: Any) -> bytes:
    if not isinstance(value, int) or isinstance(value, bool) or not -(2**63) <= value < 2**63:
        raise DataApiError("SerializationException", "NUMBER_VALUE can not be converted to Long")
    return str(value).encode()


_SCALARS: Mapping[str, tuple[int, Callable[[Any], bytes]]] = {
    "longValue": (_INT8, _long),
    "booleanValue": (_BOOL, lambda value: b"t" if value else b"f"),
    "doubleValue": (_FLOAT8, lambda value: repr(float(value)).encode()),
    "blobValue": (_BYTEA, lambda value: b"\\x" + base64.b64decode(value).hex().encode()),
}

# ---- fields ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Options:
    """How a caller wants numbers: `resultSetOptions` of the request."""

    decimals: str = "STRING"
    longs: str = "LONG"


Field = dict[str, Any]


def _long_field(text: str, options: Options) -> Field:
    return {"stringValue": text} if options.longs == "STRING" else {"longValue": int(text)}


def _decimal_field(text: str, options: Options) -> Field:
    if options.decimals != "DOUBLE_OR_LONG":
        return {"stringValue": text}
    return {"doubleValue": float(text)} if re.search(r"[^\d-]", text) else {"longValue": int(text)}


def _blob_field(text: str, options: Options) -> Field:
    return {"blobValue": base64.b64encode(bytes.fromhex(text.removeprefix("\\x"))).decode()}


def _moment_field(text: str, options: Options) -> Field:
    """A date or time without its zone, which is UTC, and with three or six digits of the second or none."""
    if "infinity" in text:
        raise DataApiError("InternalServerErrorException", "UnknownError", 500)
    whole, _, fraction = re.sub(r"\+00$", "", text).partition(".")
    digits = fraction.ljust(6, "0").removesuffix("000").removesuffix("000")
    return {"stringValue": f"{whole}.{digits}" if digits else whole}


def _string_field(text: str, options: Options) -> Field:
    return {"stringValue": text}


@dataclass(frozen=True)
class Kind:
    """A type that results may have: its number in JDBC, its precision, and what becomes of its text."""

    number: int
    precision: int
    field: Callable[[str, Options], Field] = _string_field
    array: str = "stringValues"


_KINDS: Mapping[str, Kind] = {
    "bool": Kind(-7, 1, lambda text, options: {"booleanValue": text == "t"}, "booleanValues"),
    "int2": Kind(5, 5, _long_field, "longValues"),
    "int4": Kind(4, 10, _long_field, "longValues"),
    "int8": Kind(-5, 19, _long_field, "longValues"),
    "oid": Kind(-5, 10, _long_field, "longValues"),
    "float4": Kind(7, 8, lambda text, options: {"doubleValue": float(text)}, "doubleValues"),
    "float8": Kind(8, 17, lambda text, options: {"doubleValue": float(text)}, "doubleValues"),
    "numeric": Kind(2, 0, _decimal_field),
    "bytea": Kind(-2, 2147483647, _blob_field),
    "date": Kind(91, 13, _moment_field),
    "time": Kind(92, 15, _moment_field),
    "timestamp": Kind(93, 29, _moment_field),
    "timestamptz": Kind(93, 35, _moment_field),
    "uuid": Kind(1111, 2147483647),
    "json": Kind(1111, 2147483647),
    "jsonb": Kind(1111, 2147483647),
    "inet": Kind(1111, 2147483647),
    "cidr": Kind(1111, 2147483647),
    "vector": Kind(1111, 2147483647),
    "bpchar": Kind(1, 0),
    "varchar": Kind(12, 2147483647),
    "text": Kind(12, 2147483647),
    "name": Kind(12, 63),
}
_ENUM = Kind(12, 2147483647)


@dataclass(frozen=True)
class Column:
    """A column of a result: what `columnMetadata` tells, and how its values are written."""

    name: str
    type_name: str
    kind: Kind
    is_array: bool
    precision: int
    scale: int

    def field(self, text: str | None, options: Options) -> Field:
        """One value."""
        if text is None:
            return {"isNull": True}
        if not self.is_array:
            return self.kind.field(text, options)
        values = [None if one is None else next(iter(self.kind.field(one, options).values())) for one in _array(text)]
        return {"arrayValue": {self.kind.array: values}}

    def metadata(self) -> dict[str, Any]:
        """What is told of the column; where it comes from is not."""
        number = 2003 if self.is_array else self.kind.number
        return {
            "arrayBaseColumnType": self.kind.number if self.is_array else 0,
            "isAutoIncrement": False,
            "isCaseSensitive": self.kind.number in (1, 12),
            "isCurrency": False,
            "isSigned": self.kind.number in (2, 4, 5, -5, 7, 8),
            "label": self.name,
            "name": self.name,
            "nullable": 1,
            "precision": self.precision,
            "scale": self.scale,
            "schemaName": "",
            "tableName": "",
            "type": number,
            "typeName": self.type_name,
        }


def columns(result: pq.abc.PGresult, own_type: Callable[[int], tuple[str, bool]]) -> list[Column]:
    """The columns of a result. `own_type` answers name and "is an enumeration" of a type that Postgres did not bring.

    Raises DataApiError for a type that the service does not hand over.
    """
    return [_column(result, place, own_type) for place in range(result.nfields)]


def _column(result: pq.abc.PGresult, place: int, own_type: Callable[[int], tuple[str, bool]]) -> Column:
    oid, modifier = result.ftype(place), result.fmod(place)
    known = postgres.types.get(oid)
    if known is not None:
        type_name, is_array, kind = known.name, oid == known.array_oid, _KINDS.get(known.name)
    else:
        type_name, is_enumeration = own_type(oid)
        is_array, kind = False, _ENUM if is_enumeration else _KINDS.get(type_name)
    shown = f"_{type_name}" if is_array else type_name
    if kind is None:
        raise unsupported(f"The result contains the unsupported data type {shown.upper()}.")
    precision, scale = kind.precision, 6 if kind.number in (92, 93) else 0
    if type_name == "numeric" and modifier >= 4:
        precision, scale = (modifier - 4) >> 16, (modifier - 4) & 0xFFFF
    elif type_name in ("varchar", "bpchar") and modifier >= 4:
        precision = modifier - 4
    return Column((result.fname(place) or b"").decode(), shown, kind, is_array, precision, scale)


def records(result: pq.abc.PGresult, described: Sequence[Column], options: Options) -> list[list[Field]]:
    """The rows of a result. Raises DataApiError when there is more than the service hands over."""
    size = 0
    rows = []
    for row in range(result.ntuples):
        values = [result.get_value(row, place) for place in range(len(described))]
        row_size = 2 + sum(4 + len(value or b"") for value in values)
        if row_size > ROW_LIMIT:
            raise too_large("Packet for query is too large")
        size += row_size
        if size > RESULT_LIMIT:
            raise too_large("The result exceeds the size limit 1 MB.")
        rows.append(
            [
                column.field(None if value is None else value.decode(), options)
                for column, value in zip(described, values, strict=True)
            ]
        )
    return rows


def as_json(rows: Sequence[Sequence[Field]], described: Sequence[Column]) -> str:
    """The rows as one JSON text: an object per row. Raises DataApiError for names that come twice and above 10 MB."""
    names = [column.name for column in described]
    if len(set(names)) < len(names):
        raise bad_request("The result set has several columns of the same name, which JSON does not allow.")
    text = orjson.dumps([dict(zip(names, map(_plain, row), strict=True)) for row in rows])
    if len(text) > JSON_LIMIT:
        raise bad_request("Database returned more than the allowed response size limit")
    return text.decode()


def _plain(field: Field) -> Any:
    if "isNull" in field:
        return None
    (value,) = field.values()
    return next(iter(value.values())) if "arrayValue" in field else value


_ELEMENT = re.compile(r'"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^,{}"]+)|(?P<brace>\{)', re.DOTALL)


def _array(text: str) -> list[str | None]:
    """The elements of a one-dimensional array. Raises DataApiError for one of more dimensions."""
    inner = text[text.index("{") + 1 : -1]
    elements: list[str | None] = []
    for element in _ELEMENT.finditer(inner):
        if element["brace"]:
            raise unsupported("The result contains a multidimensional array.")
        if element["quoted"] is not None:
            elements.append(re.sub(r"\\(.)", r"\1", element["quoted"], flags=re.DOTALL))
        else:
            elements.append(None if element["plain"] == "NULL" else element["plain"])
    return elements
