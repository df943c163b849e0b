"""Whether JSON that was good stays good: two schemas held against each other, field by field.

What callers send (``taken``) has to be accepted as before; what they are told has to be what they were prepared for,
and further fields do no harm. What cannot be decided, such as another pattern, counts as a break.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = Mapping[str, Any]

_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_SAME = ("pattern", "multipleOf", "uniqueItems", "propertyNames")
_ANYTHING: Schema = {}


@dataclass
class Comparison:
    """Two documents with the definitions that their schemas refer to; ``taken`` says which way the JSON goes."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    taken: bool
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def breaks(self, old: Schema, new: Schema, place: str = "") -> Iterator[str]:
        """What breaks between two schemas, a sentence each."""
        references = str(old.get("$ref", "")), str(new.get("$ref", ""))
        if all(references):
            if references in self._seen:
                return
            self._seen.add(references)
        olds, news = _alternatives(old, self.before), _alternatives(new, self.after)
        asked, offered = (olds, news) if self.taken else (news, olds)
        for one in asked:
            kin = [other for other in offered if _suits(one, other)]
            if not kin:
                verb = "is no longer taken" if self.taken else "may be told now"
                yield f"{_named(place)}: {_kind(one)} {verb}"
                continue
            found = [list(self._within(one, other, place)) for other in kin]
            yield from min(found, key=len)

    def _within(self, one: Schema, other: Schema, place: str) -> Iterator[str]:
        """What keeps values of ``one`` from being good values of ``other``."""
        old, new = (one, other) if self.taken else (other, one)
        values, allowed = _values(one), _values(other)
        if allowed is not None and (values is None or not values <= allowed):
            more = "any value" if values is None else ", ".join(sorted(values - allowed))
            verb = "is no longer taken" if self.taken else "may be told now"
            yield f"{_named(place)}: {more} {verb}"
        if other.get("format") not in (None, one.get("format")):
            yield f"{_named(place)}: its format was {old.get('format')} and is {new.get('format')}"
        if self.taken:
            yield from _tighter(old, new, place)
        yield from self._objects(old, new, place)
        if "items" in old and "items" in new:
            yield from self.breaks(old["items"], new["items"], f"{place}/*")

    def _objects(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        fields, present = old.get("properties", {}), new.get("properties", {})
        for name, schema in fields.items():
            if name in present:
                yield from self.breaks(schema, present[name], f"{place}/{name}")
            elif self.taken and _open(new):
                yield from self.breaks(schema, _further(new), f"{place}/{name}")
            else:
                yield f"{place}/{name} is gone"
        if self.taken:
            for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
                yield f"{place}/{name} is required now"
        else:
            for name in sorted(set(old.get("required", ())) - set(new.get("required", ()))):
                if name in present:
                    yield f"{place}/{name} may be missing now"
        if _open(old) and not _open(new) and self.taken:
            yield f"{_named(place)}: further fields are no longer taken"
        elif isinstance(old.get("additionalProperties"), dict) and isinstance(new.get("additionalProperties"), dict):
            yield from self.breaks(old["additionalProperties"], new["additionalProperties"], f"{place}/*")


def _tighter(old: Schema, new: Schema, place: str) -> Iterator[str]:
    for name in _UPPER:
        if name in new and (name not in old or new[name] < old[name]):
            yield f"{_named(place)}: {name} was {old.get(name, 'not set')} and is {new[name]}"
    for name in _LOWER:
        if name in new and (name not in old or new[name] > old[name]):
            yield f"{_named(place)}: {name} was {old.get(name, 'not set')} and is {new[name]}"
    for name in _SAME:
        if name in new and new[name] != old.get(name):
            yield f"{_named(place)}: {name} was {old.get(name, 'not set')} and is {new[name]}"


def _alternatives(schema: Schema, document: Mapping[str, Any]) -> list[Schema]:
    """The schema as alternatives that have one type each; references are followed, ``allOf`` is joined."""
    schema = _resolved(schema, document)
    choices = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if choices:
        beside = {name: value for name, value in schema.items() if name not in ("anyOf", "oneOf", "$ref")}
        return [one for choice in choices for one in _alternatives({**beside, **_resolved(choice, document)}, document)]
    if "allOf" in schema:
        return [_joined([_resolved(part, document) for part in schema["allOf"]])]
    types = schema.get("type")
    if isinstance(types, list):
        return [{**schema, "type": one} for one in types]
    return [schema]


def _resolved(schema: Schema, document: Mapping[str, Any]) -> Schema:
    while "$ref" in schema:
        found: Any = document
        for step in str(schema["$ref"]).removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def _joined(parts: list[Schema]) -> Schema:
    properties = {name: schema for part in parts for name, schema in part.get("properties", {}).items()}
    return {
        "type": "object",
        "properties": properties,
        "required": sorted({name for part in parts for name in part.get("required", ())}),
        "additionalProperties": all(_open(part) for part in parts),
    }


def _suits(one: Schema, other: Schema) -> bool:
    """Whether values of ``one`` are of the type of ``other``."""
    mine, theirs = _type(one), _type(other)
    return theirs is None or mine == theirs or (mine, theirs) == ("integer", "number")


def _type(schema: Schema) -> str | None:
    if "type" in schema:
        return str(schema["type"])
    values = [schema["const"]] if "const" in schema else schema.get("enum", ())
    names = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}
    found = {names.get(type(value), "object") for value in values}
    return found.pop() if len(found) == 1 else None


def _values(schema: Schema) -> set[str] | None:
    if "const" in schema:
        return {repr(schema["const"])}
    return {repr(value) for value in schema["enum"]} if "enum" in schema else None


def _open(schema: Schema) -> bool:
    return schema.get("additionalProperties", True) is not False


def _further(schema: Schema) -> Schema:
    further = schema.get("additionalProperties")
    return further if isinstance(further, dict) else _ANYTHING


def _kind(schema: Schema) -> str:
    return _type(schema) or "any value"


def _named(place: str) -> str:
    return place or "the whole"
