"""Answers and parameters of any size through the Data API, which hands over 1 MiB, 64 KB a row, and takes 4 MiB.

A reading statement is sent within a guard. An answer that fits comes as it is; of one that does not, the guard makes
a text, hands over as many pieces of it as fit into one call, and is asked again for the rest. Nothing is refused for
its size, which would cost a call and, as the service ends it then, the transaction. So one statement is one call until
its answer has about a megabyte, however long its rows are.

A parameter that is too long goes ahead in parts, as settings that end with the transaction.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import aurora_data_api

Request = Mapping[str, Any]
Send = Callable[[Request], Any]

_LONGEST_ROW = 60_000  # bytes; the service hands over 65,536
_LONGEST_ANSWER = 900_000  # bytes; the service hands over 1,048,576
_BESIDE = 400  # bytes to allow for in a row besides its text: lengths of fields, numbers in their binary form
_PIECE = 61_440  # bytes
_PIECES = 16  # per call

_LONGEST_REQUEST = 3_900_000  # bytes of parameters; the service takes 4,194,304 with statement and headers
_ESCAPED = 12  # the most bytes that a character takes in JSON

_READING = re.compile(r"\s*(SELECT|WITH|VALUES)\b", re.IGNORECASE)
_WRITING = re.compile(r"\b(INSERT\s+INTO|DELETE\s+FROM|MERGE\s+INTO|UPDATE\s+[\w.]+(\s+\w+)?\s+SET)\b", re.IGNORECASE)

_TOLD = 5
"""Columns of the guard before those of the answer: rows, pieces (null when the answer fits), digest, place, piece."""


def reads(sql: str) -> bool:
    """Whether a statement only reads, so that it may stand within a guard and be sent again for the rest."""
    return _READING.match(sql) is not None and _WRITING.search(sql) is None


def guarded(sql: str, first: int = 0) -> str:
    """The statement within its guard. ``first`` is the piece that a large answer is wanted from.

    The text is a JSON array with an array for each row, whose values are texts or null. Its digest shows whether the
    pieces of several calls belong together.
    """
    return f"""WITH answer_ AS MATERIALIZED (
{sql}
), size_ AS MATERIALIZED (
    SELECT count(*) AS rows_,
           coalesce(max(bytes_) > {_LONGEST_ROW} OR sum(bytes_ + {_BESIDE}) > {_LONGEST_ANSWER}, false) AS large_
    FROM (SELECT octet_length(answer_::text) AS bytes_ FROM answer_) AS measured_
), text_ AS MATERIALIZED (
    SELECT convert_to(json_agg(values_)::text, 'UTF8') AS bytes_
    FROM (SELECT (SELECT json_agg(value) FROM json_each_text(row_to_json(answer_))) AS values_ FROM answer_) AS rows_
    WHERE (SELECT large_ FROM size_)
), whole_ AS MATERIALIZED (
    SELECT bytes_, length(bytes_) AS length_, md5(bytes_) AS digest_ FROM text_
), cut_ AS (
    SELECT place_, (SELECT min(at_) FROM generate_series(place_ * {_PIECE}, place_ * {_PIECE} + 3) AS at_
                    WHERE at_ >= length_ OR get_byte(bytes_, at_) & 192 <> 128) AS begin_
    FROM whole_, generate_series({first}, {first + _PIECES}) AS place_ WHERE place_ * {_PIECE} < length_ + {_PIECE}
), piece_ AS (
    SELECT (length_ + {_PIECE - 1}) / {_PIECE} AS pieces_, digest_, this_.place_,
           convert_from(substring(bytes_ FROM this_.begin_ + 1 FOR next_.begin_ - this_.begin_), 'UTF8') AS piece_
    FROM whole_, cut_ AS this_ JOIN cut_ AS next_ ON next_.place_ = this_.place_ + 1
)
SELECT size_.rows_, piece_.pieces_, piece_.digest_, piece_.place_, piece_.piece_, answer_.*
FROM size_ LEFT JOIN piece_ ON size_.large_ LEFT JOIN answer_ ON NOT size_.large_"""


def read(send: Send, request: Request) -> Any:
    """Send a reading statement; answers the service's response as if it had no limits.

    Raises what ``send`` raises, and an error of serialization (40001) when the answer changed between two calls.
    """
    pieces: list[str] = []
    while True:
        response = send({**request, "sql": guarded(request["sql"], len(pieces))})
        rows, total, digest, *_ = response["records"][0]
        response["columnMetadata"] = columns = response["columnMetadata"][_TOLD:]
        if "isNull" in total:
            if pieces:
                raise _changed()
            response["records"] = [record[_TOLD:] for record in response["records"]] if rows["longValue"] else []
            return response
        told = {
            place["longValue"]: piece["stringValue"] for *_, place, piece in (r[:_TOLD] for r in response["records"])
        }
        pieces += [told[place] for place in sorted(told)]
        if len(pieces) >= total["longValue"]:
            break
    text = "".join(pieces)
    if hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() != digest["stringValue"]:
        raise _changed()
    fields = [_field_of(column["typeName"].lower()) for column in columns]
    response["records"] = [
        [{"isNull": True} if value is None else make(value) for make, value in zip(fields, values or (), strict=True)]
        for values in json.loads(text)
    ]
    return response


def in_parts(request: Request) -> Iterator[Request]:
    """The requests to send for one: settings with the parts of parameters that are too long, then the statement."""
    texts = {one["name"]: one["value"].get("stringValue", "") for one in request.get("parameters", ())}
    if sum(map(len, texts.values())) * _ESCAPED <= _LONGEST_REQUEST:
        yield request
        return
    sizes = {name: len(json.dumps(text)) for name, text in texts.items()}
    sql, parts = request["sql"], 0
    for name in sorted(sizes, key=lambda name: -sizes[name]):
        if sum(sizes.values()) <= _LONGEST_REQUEST:
            break
        settings = []
        for part in _cut(texts[name]):
            settings.append(f"current_setting('bigledger.part_{parts}')")
            yield {
                **request,
                "sql": f"SELECT length(set_config('bigledger.part_{parts}', :part, true))",
                "parameters": [{"name": "part", "value": {"stringValue": part}}],
            }
            parts += 1
        sql = re.sub(rf"(?<![:\w]):{name}\b", f"({' || '.join(settings)})", sql)
        del sizes[name]
    yield {**request, "sql": sql, "parameters": [one for one in request["parameters"] if one["name"] in sizes]}


def _cut(text: str) -> Iterator[str]:
    """The text in parts that a request has room for."""
    if len(json.dumps(text)) <= _LONGEST_REQUEST:
        yield text
        return
    middle = len(text) // 2
    yield from _cut(text[:middle])
    yield from _cut(text[middle:])


def _changed() -> Exception:
    error: Exception = aurora_data_api.OperationalError("What is read was changed between two calls for it.")
    vars(error).update(sqlstate="40001")
    return error


Made = Callable[[str], dict[str, Any]]

_VALUES: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "bool": ("booleanValue", lambda text: text == "true"),
    "int2": ("longValue", int),
    "int4": ("longValue", int),
    "int8": ("longValue", int),
    "oid": ("longValue", int),
    "float4": ("doubleValue", float),
    "float8": ("doubleValue", float),
    "bytea": ("blobValue", lambda text: bytes.fromhex(text.removeprefix("\\x"))),
}
"""The kind of field of a type, and what makes its value of the text that JSON has; others stay texts."""


def _field_of(type_name: str) -> Made:
    """What makes the field of a column's value, as the service does."""
    kind, value = _VALUES.get(type_name.removeprefix("_"), ("stringValue", str))
    if not type_name.startswith("_"):
        return lambda text: {kind: value(text)}
    if type_name in ("_json", "_jsonb"):
        raise aurora_data_api.NotSupportedError("An answer as large as this one has no arrays of JSON; make one JSON.")

    def array(text: str) -> dict[str, Any]:
        elements = json.loads(text, parse_int=str, parse_float=str)
        plain = [one if one is None or isinstance(one, bool) else value(one) for one in elements]
        return {"arrayValue": {f"{kind}s": plain}}

    return array
