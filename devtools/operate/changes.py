"""What changes between two releases, and which of it breaks something for callers, subscribers, data or deployments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from devtools.operate.release import Release
from devtools.operate.shapes import Comparison
from devtools.operate.templates import template_changes

Part = Literal["routes", "permissions", "events", "migrations", "resources"]
Verb = Literal["added", "removed", "changed", "replaced", "pending"]

PARTS: tuple[Part, ...] = ("routes", "permissions", "events", "migrations", "resources")


@dataclass(frozen=True)
class Change:
    """A change: of what, how, and what breaks by it, a sentence each."""

    part: Part
    verb: Verb
    what: str
    breaks: tuple[str, ...] = ()


def compare(before: Release, after: Release) -> list[Change]:
    """Every change, part by part."""
    return [
        *_routes(before.contract, after.contract),
        *_permissions(before.contract, after.contract),
        *_events(before.events, after.events),
        *_migrations(before.revisions, after.revisions),
        *(
            Change("resources", verb, what, breaks)
            for verb, what, breaks in template_changes(before.templates, after.templates)
        ),
    ]


def _routes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    old, new = dict(_operations(before)), dict(_operations(after))
    for route in sorted(old.keys() | new.keys()):
        if route not in new:
            yield Change("routes", "removed", route, ("callers get 404",))
        elif route not in old:
            yield Change("routes", "added", route)
        else:
            found = tuple(_route(old[route], new[route], before, after))
            if found or _whole(old[route], before) != _whole(new[route], after):
                yield Change("routes", "changed", route, found)


def _route(
    old: Mapping[str, Any], new: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[str]:
    asked, asks = old.get("x-permission"), new.get("x-permission")
    if asks != asked and asks is not None:
        yield f"asks for the permission {asks or 'of any key'} instead of {_permission(asked)}"
    elif asks != asked:
        yield f"asks for no key any more; it asked for {_permission(asked)}"
    for event in sorted(set(old.get("x-emits", ())) - set(new.get("x-emits", ()))):
        yield f"no longer tells {event}"
    taken = Comparison(before, after, taken=True)
    yield from _parameters(old, new, taken)
    yield from _body(old, new, taken)
    told = Comparison(before, after, taken=False)
    for status, response in _successes(old):
        schema = dict(_successes(new)).get(status)
        if schema is None:
            yield f"no longer answers {status}"
        else:
            yield from (f"answers {status}: {fault}" for fault in told.breaks(response, schema))


def _parameters(old: Mapping[str, Any], new: Mapping[str, Any], taken: Comparison) -> Iterator[str]:
    before = dict(_of(old, taken.before))
    after = dict(_of(new, taken.after))
    for name, parameter in before.items():
        if name not in after:
            yield f"the {name} is gone"
        else:
            found = taken.breaks(parameter.get("schema", {}), after[name].get("schema", {}))
            yield from (f"the {name}: {fault}" for fault in found)
    for name, parameter in after.items():
        if parameter.get("required") and not before.get(name, {}).get("required"):
            yield f"the {name} is required now"


def _of(operation: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for parameter in operation.get("parameters", ()):
        found: Any = parameter
        if "$ref" in found:
            found = document["components"]["parameters"][found["$ref"].rpartition("/")[2]]
        yield f"{found['in']} parameter {found['name']}", found


def _body(old: Mapping[str, Any], new: Mapping[str, Any], taken: Comparison) -> Iterator[str]:
    before, after = old.get("requestBody"), new.get("requestBody")
    if before is not None and after is None:
        yield "takes no body any more"
    elif after is not None:
        if after.get("required") and not (before or {}).get("required"):
            yield "a body is required now"
        if before is not None:
            yield from (f"takes: {fault}" for fault in taken.breaks(_schema(before), _schema(after)))


def _successes(operation: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            yield status, _schema(response)


def _schema(content: Mapping[str, Any]) -> Mapping[str, Any]:
    body: Mapping[str, Any] = content.get("content", {}).get("application/json", {}).get("schema", {})
    return body


def _operations(contract: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, methods in contract["paths"].items():
        for method, operation in methods.items():
            if method in ("get", "post", "put", "patch", "delete"):
                yield f"{method.upper()} {path}", operation


def _whole(operation: Mapping[str, Any], contract: Mapping[str, Any]) -> dict[str, Any]:
    """An operation with every component that it refers to, by its reference."""
    found: dict[str, Any] = {"": _stripped(operation)}
    waiting = list(_references(found[""]))
    while waiting:
        reference = waiting.pop()
        if reference not in found:
            component: Any = contract
            for step in reference.removeprefix("#/").split("/"):
                component = component[step]
            found[reference] = _stripped(component)
            waiting += _references(found[reference])
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _references(inner)


_WORDS = ("summary", "description", "example", "examples", "tags")


def _stripped(value: Any) -> Any:
    """Without what is there for people to read."""
    if isinstance(value, dict):
        fields = {name: _stripped(inner) for name, inner in value.get("properties", {}).items()}
        others = {name: _stripped(inner) for name, inner in value.items() if name not in (*_WORDS, "properties")}
        return {**others, "properties": fields} if fields else others
    return [_stripped(inner) for inner in value] if isinstance(value, list) else value


def _permission(name: Any) -> str:
    return "no key" if name is None else str(name) or "any key"


def _permissions(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Permissions that come and go. A role that names one which is gone permits less; patterns take new ones in."""
    old, new = ({one.get("x-permission") for _, one in _operations(contract)} for contract in (before, after))
    for name in sorted(filter(None, old ^ new)):
        yield Change("permissions", "added" if name in new else "removed", name)


def _events(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield Change("events", "removed", name, ("subscribers hear it no more",))
        elif name not in before:
            yield Change("events", "added", name)
        else:
            found = Comparison(before[name], after[name], taken=False).breaks(before[name], after[name])
            breaks = tuple(f"{fault}; give the event a new version" for fault in found)
            if breaks or _stripped(before[name]) != _stripped(after[name]):
                yield Change("events", "changed", name, breaks)


def _migrations(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield Change("migrations", "removed", name, ("databases have it; migrations are added, never removed",))
        elif name not in before:
            yield Change("migrations", "added", f"{name} ({after[name]['phase']})")
        elif before[name]["digest"] != after[name]["digest"]:
            yield Change("migrations", "changed", name, ("databases have it as it was; write another revision",))


def of_part(changes: Iterable[Change], part: Part) -> list[Change]:
    """The changes of one part."""
    return [change for change in changes if change.part == part]
