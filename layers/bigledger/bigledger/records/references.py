"""References from one record to another: found in the models, checked all at once, answered with id and code."""

from collections.abc import Iterator
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from pydantic import BaseModel

from bigledger.kernel import Context, To, UnknownReference, configuration
from bigledger.kernel.configuration import configuration_model, unknown
from bigledger.kernel.serialization import json_text


class Place:
    """One place of a record that names another record: where it stands and the type it must be of."""

    __slots__ = ("container", "key", "pointer", "type")

    def __init__(self, container: Any, key: Any, pointer: str, type: str) -> None:
        self.container = container
        self.key = key
        self.pointer = pointer
        self.type = type

    @property
    def reference(self) -> str:
        """What is written there."""
        return str(self.container[self.key])


def places(model: type[BaseModel], data: dict[str, Any], pointer: str = "") -> Iterator[Place]:
    """Every reference that is set in the data of a model."""
    for name, annotation in _annotations(model):
        if data.get(name) is not None:
            yield from _in(annotation, data, name, f"{pointer}/{name}")


def resolve(context: Context, model: type[BaseModel], data: dict[str, Any]) -> dict[str, UUID]:
    """Check every reference and write it as the code of what it names; at most one statement.

    Answers the id of what each names, by its pointer. Raises UnknownReference with a pointer to each that names nothing
    active.
    """
    found = list(places(model, data))
    names = named(context, {(place.type, place.reference) for place in found}, active=True)
    errors, ids = [], {}
    for place in found:
        name = names.get((place.type, place.reference))
        if name is None:
            errors.append(unknown(place.type, place.reference, place.pointer))
        else:
            place.container[place.key] = name["code"]
            ids[place.pointer] = UUID(str(name["id"]))
    if errors:
        raise UnknownReference("Some references name nothing that exists and is active.", errors=errors)
    return ids


Wanted = tuple[str, str]
"""A type and the code or id of a record of it."""


def named(context: Context, wanted: set[Wanted], active: bool = False) -> dict[Wanted, dict[str, Any]]:
    """Id, code and name of what each reference names; only active records if asked. At most one statement."""
    names: dict[Wanted, dict[str, Any]] = {}
    elsewhere = []
    for type, reference in sorted(wanted):
        model = configuration_model(type)
        if model is None:
            elsewhere.append({"type": type, "reference": reference})
            continue
        entry = configuration(context).find(model, reference)
        if entry is not None and (entry.active or not active):
            names[type, reference] = {"id": entry.id, "code": entry.code, "name": getattr(entry.data, "name", None)}
    if elsewhere:
        for row in context.work.read(_NAMED, wanted=json_text(elsewhere), only_active=active):
            names[row.type, row.reference] = {"id": row.id, "code": row.number, "name": row.name}
    return names


def by_reference(type: str, reference: str) -> str:
    """SQL of a sub-select of the one document that ``reference`` names by its code or its id, archived or not.

    Both are text expressions of the statement around it; the columns are id, number, status and data.
    """
    columns = "SELECT id, number, status, data FROM kernel.document WHERE"
    return f"""
        ({columns} type = {type} AND number = {reference}
         UNION ALL
         {columns} type = {type} AND id = CASE WHEN {reference} ~
             '^[0-9a-fA-F]{{8}}-([0-9a-fA-F]{{4}}-){{3}}[0-9a-fA-F]{{12}}$' THEN cast({reference} AS uuid) END
         LIMIT 1)
    """


_NAMED = f"""
    SELECT w.type, w.reference, d.id, d.number, d.data->>'name' AS name
    FROM jsonb_to_recordset(cast(:wanted AS jsonb)) AS w(type text, reference text)
    JOIN LATERAL {by_reference("w.type", "w.reference")} d ON d.status = 'active' OR NOT :only_active
"""


@lru_cache(maxsize=256)
def _annotations(model: type[BaseModel]) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(model, include_extras=True)
    return tuple((name, hints[name]) for name in model.model_fields)


def _in(annotation: Any, container: Any, key: Any, pointer: str) -> Iterator[Place]:
    """The references inside one value of the given annotation."""
    value = container[key]
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *marks = get_args(annotation)
        target = next((mark.type for mark in marks if isinstance(mark, To)), None)
        if target is not None:
            yield Place(container, key, pointer, target)
        else:
            yield from _in(inner, container, key, pointer)
    elif origin in (Union, UnionType):
        for choice in get_args(annotation):
            if choice is not type(None):
                yield from _in(choice, container, key, pointer)
    elif origin is list and isinstance(value, list):
        for index in range(len(value)):
            yield from _in(get_args(annotation)[0], value, index, f"{pointer}/{index}")
    elif origin is dict and isinstance(value, dict):
        for name in value:
            yield from _in(get_args(annotation)[1], value, name, f"{pointer}/{name}")
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel) and isinstance(value, dict):
        yield from places(annotation, value, pointer)
