"""What the committed tree must agree with: every printed byte, the limits of AWS, and the root template."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from devtools.generate import openapi, recorded, reference, templates
from devtools.generate.discover import Functions
from devtools.local.cloudformation import load, references

Printed = Mapping[str, Mapping[str, str]]
"""The printed texts by kind and path."""

STACK_RESOURCES = 500
"""CloudFormation: resources of one stack, counted after SAM has expanded it."""
TEMPLATE_BYTES = 1_000_000
"""CloudFormation: size of a template."""
API_ROUTES = 300
"""HTTP API: routes, and as many integrations."""

ROOT_TEMPLATE = "template.yaml"

PLACES: Mapping[str, tuple[str, ...]] = {
    "examples": (f"{recorded.EXAMPLES}/*.json", f"{recorded.EVENTS}/*.v[0-9]*.json"),
    "templates": ("functions/*/template.yaml",),
    "openapi": (openapi.PATH,),
    "events": (f"{recorded.EVENTS}/*.schema.json", f"{recorded.EVENTS}/operations/*.json"),
    "reference": (reference.OPERATIONS, reference.PROBLEMS),
}
"""Where the files of each kind stand; whatever else is found there is left over from something removed."""


@dataclass(frozen=True)
class Drift:
    """A file that is not what would be printed now."""

    path: str
    state: Literal["missing", "differs", "left over"]


def drift(root: Path, kind: str, wanted: Mapping[str, str]) -> list[Drift]:
    """How the files of one kind below ``root`` differ from what would be printed."""
    found = {
        path.relative_to(root).as_posix()
        for pattern in PLACES[kind]
        for path in root.glob(pattern)
        if _is_of(kind, path.name)
    }
    drifts = [Drift(path, "left over") for path in sorted(found - wanted.keys())]
    for path, text in sorted(wanted.items()):
        if path not in found:
            drifts.append(Drift(path, "missing"))
        elif (root / path).read_bytes() != text.encode():
            drifts.append(Drift(path, "differs"))
    return drifts


def write(root: Path, kind: str, wanted: Mapping[str, str]) -> list[Drift]:
    """Bring the files of one kind to what is wanted; answers what was changed."""
    drifts = drift(root, kind, wanted)
    for one in drifts:
        path = root / one.path
        if one.state == "left over":
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[one.path])
    return drifts


def limits(functions: Functions) -> Iterator[str]:
    """Which limits of AWS the functions would break, and what to do about it."""
    for module in functions.modules:
        document = templates.template(module, functions.of(module), templates.RELAY)
        count = templates.resource_count(document)
        if count > STACK_RESOURCES:
            yield f"{module} needs {count} resources; a stack holds {STACK_RESOURCES}. Split the module."
        size = len(templates.text(document).encode())
        if size > TEMPLATE_BYTES:
            yield f"the template of {module} has {size} bytes; {TEMPLATE_BYTES} are allowed. Split the module."
    routes = len(functions.operations)
    if routes > API_ROUTES:
        yield f"there are {routes} routes; an HTTP API holds {API_ROUTES}. Give some modules an API of their own."
    for function in functions.all:
        longest = templates.STACK_LIMIT + len(f"-{function.module}-{function.name}")
        if longest > templates.NAME_LIMIT:
            yield (
                f"{function.module}.{function.name} would be a name of {longest} characters in AWS;"
                f" {templates.NAME_LIMIT} are allowed. Shorten it."
            )


def root_template(root: Path, functions: Functions) -> Iterator[str]:
    """What the root template forgets: it names every module once and gives each what its template needs."""
    applications = [
        resource.get("Properties", {})
        for resource in load(root / ROOT_TEMPLATE)["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Application"
    ]
    by_place: dict[str, list[dict[str, Any]]] = {}
    for properties in applications:
        by_place.setdefault(str(properties["Location"]).removeprefix("./"), []).append(properties)
    for module in functions.modules:
        place = f"functions/{module}/template.yaml"
        found = by_place.pop(place, [])
        if len(found) != 1:
            yield f"{ROOT_TEMPLATE} holds the module {module} {len(found)} times; add one application for {place}"
            continue
        given = set(found[0].get("Parameters", {}))
        for name in sorted(_needed(module, functions) - given):
            yield f"{ROOT_TEMPLATE} does not give {name} to the module {module}"
        for name in sorted(given - set(templates.PARAMETERS)):
            yield f"{ROOT_TEMPLATE} gives {name} to the module {module}, whose template does not take it"
    for place in sorted(by_place):
        if place.startswith("functions/"):
            yield f"{ROOT_TEMPLATE} holds an application for {place}, where no function is"


def _needed(module: str, functions: Functions) -> set[str]:
    """The parameters a module's template cannot do without: those without a default, and those it refers to."""
    document = templates.template(module, functions.of(module), None)
    required = {name for name, parameter in templates.PARAMETERS.items() if "Default" not in parameter}
    return required | {name for name in references(document["Resources"]) if name in templates.PARAMETERS} - {
        "AlarmTopic"
    }


def _is_of(kind: str, name: str) -> bool:
    """Whether a file belongs to the kind: schemas stand among the examples of events."""
    return kind != "examples" or not name.endswith(".schema.json")
