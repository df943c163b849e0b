"""Faulty bodies: a good body with one value replaced, at every place that a command's schema has."""

import re
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.validators import extend
from pydantic import BaseModel

from devtools.generate.schemas import WireSchema

NOBODY = "019B772D-0E3B-7000-8000-00000000000F"
"""The id of nothing, in capitals."""

VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    10**15,
    10**40,
    "",
    "1e5",
    "9" * 18,
    "2199-12-31",
    "9999-12-31",
    NOBODY,
    "🧾",
    "x" * 20_000,
    [],
    [None],
    [{}],
    ["x", "x"],
    {},
    {"x": None},
    {"x": {"x": []}},
)
"""What is put into every place: nothing, other types, extremes, the id of nothing, empty and nested junk."""

TEXTS = ("USD", "US", "x", "1")
"""What a text may be in a value made up from a schema, the first that its pattern takes."""

Place = tuple[str | int, ...]
Schema = Mapping[str, Any]


@lru_cache(maxsize=256)
def schema_of(model: type[BaseModel]) -> Schema:
    """The schema of a command as it is published."""
    return model.model_json_schema(schema_generator=WireSchema)


def faulty(model: type[BaseModel], good: Mapping[str, Any], but: Collection[str]) -> Iterator[tuple[Place, Any]]:
    """Every place of the model's schema with each body that has another value there; fields in ``but`` stay."""
    schema = schema_of(model)
    for name, inner in schema["properties"].items():
        if name not in but:
            for steps, value in _replaced(inner, schema, good.get(name)):
                yield (name, *steps), {**good, name: value}


def _replaced(schema: Schema, whole: Schema, present: Any) -> Iterator[tuple[Place, Any]]:
    """The values with one thing replaced, and where: the value itself, then each thing inside of it."""
    for value in VALUES:
        yield (), deepcopy(value)
    known = _resolved(schema, whole)
    base = present or _sample(known, whole)
    for name, inner in known.get("properties", {}).items():
        for steps, value in _replaced(inner, whole, base.get(name)):
            yield (name, *steps), {**base, name: value}
    if isinstance(known.get("items"), dict):
        for steps, value in _replaced(known["items"], whole, base[0]):
            yield (0, *steps), [value, *base[1:]]


def _sample(schema: Schema, whole: Schema) -> Any:
    """Some value of a schema, with all that is required."""
    known = _resolved(schema, whole)
    if "const" in known or "enum" in known:
        return known.get("const", known.get("enum", [None])[0])
    match known.get("type"):
        case "object":
            return {name: _sample(known["properties"][name], whole) for name in known.get("required", [])}
        case "array":
            return [_sample(known["items"], whole)]
        case "integer":
            return known.get("minimum", 1)
        case "boolean":
            return False
    formats = {"date": "2026-11-23", "uuid": NOBODY, "date-time": "2026-11-23T00:00:00Z"}
    texts = (text for text in TEXTS if re.search(known.get("pattern", ""), text))
    return formats.get(known.get("format", "")) or next(texts, "x")


def _resolved(schema: Schema, whole: Schema) -> Schema:
    """The schema behind a reference, and of a choice the first that is not null."""
    if "$ref" in schema:
        return _resolved(whole["$defs"][schema["$ref"].rpartition("/")[2]], whole)
    choices = [inner for inner in schema.get("anyOf", []) if inner.get("type") != "null"]
    return _resolved(choices[0], whole) if choices else schema


def _integer(_: Any, value: Any) -> bool:
    return isinstance(value, int)


def _boolean(_: Any, value: Any) -> bool:
    return value in (True, False)


# True and 1 are read alike, and so are false and 0.
_TYPES = Draft202012Validator.TYPE_CHECKER.redefine("integer", _integer).redefine("boolean", _boolean)
_Validator = extend(Draft202012Validator, type_checker=_TYPES)


def fits(model: type[BaseModel], body: Any) -> bool:
    """Whether a body is as the published schema says."""
    return bool(_Validator(schema_of(model)).is_valid(body))


def pointer(place: Place) -> str:
    """The place as a JSON pointer."""
    return "".join(f"/{step}" for step in place)


def about(place: Place, told: str) -> bool:
    """Whether a pointer is to a place, to something inside of it or to what it is a part of."""
    return f"{told}/".startswith(f"{pointer(place)}/") or f"{pointer(place)}/".startswith(f"{told}/")
