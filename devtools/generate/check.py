"""What the committed tree must agree with: every printed byte, the limits of AWS, and the root template."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from devtools.generate import modules, openapi, recorded, reference, templates
from devtools.generate.discover import Functions
from devtools.generate.intrinsics import logical
from devtools.local.cloudformation import Values, load

Printed = Mapping[str, Mapping[str, str]]
"""The printed texts by kind and path."""

STACK_RESOURCES = 500
"""CloudFormation: resources of one stack, counted after SAM has expanded it."""
STACK_PARAMETERS = 200
"""CloudFormation: parameters of a template, and as many outputs."""
TEMPLATE_BYTES = 1_000_000
"""CloudFormation: size of a template."""
API_ROUTES = 300
"""HTTP API: routes, and as many integrations."""

ROOT_TEMPLATE = "template.yaml"

CHOICE = "Install"
"""How the root's parameters begin that install a module or leave it out: InstallReceivables, ``true`` or ``false``."""

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
    """What the root template forgets: it names every module once, gives each what its template needs, and installs
    with each what it uses."""
    template = load(root / ROOT_TEMPLATE)
    applications: dict[str, list[dict[str, Any]]] = {}
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Application":
            place = str(resource["Properties"]["Location"]).removeprefix("./")
            applications.setdefault(place, []).append(resource)
    yield from _root_limits(template)
    chosen: dict[str, str | None] = {}
    for module in functions.modules:
        place = f"functions/{module}/template.yaml"
        found = applications.pop(place, [])
        if len(found) != 1:
            yield f"{ROOT_TEMPLATE} holds the module {module} {len(found)} times; add one application for {place}"
            continue
        chosen[module] = found[0].get("Condition")
        given = set(found[0]["Properties"].get("Parameters", {}))
        wanted = templates.parameters(functions.of(module))
        for name in sorted({name for name, one in wanted.items() if "Default" not in one} - given):
            yield f"{ROOT_TEMPLATE} does not give {name} to the module {module}"
        for name in sorted(given - wanted.keys()):
            yield f"{ROOT_TEMPLATE} gives {name} to the module {module}, whose template does not take it"
    for place in sorted(applications):
        if place.startswith("functions/"):
            yield f"{ROOT_TEMPLATE} holds an application for {place}, where no function is"
    yield from _choices(root, template, functions, chosen)


def _root_limits(template: Mapping[str, Any]) -> Iterator[str]:
    """Parameters grow with the modules: one chooses each."""
    for part in ("Parameters", "Outputs"):
        count = len(template.get(part, ()))
        if count > STACK_PARAMETERS:
            yield f"{ROOT_TEMPLATE} has {count} {part.lower()}; {STACK_PARAMETERS} are allowed."


def _choices(
    root: Path, template: Mapping[str, Any], functions: Functions, chosen: Mapping[str, str | None]
) -> Iterator[str]:
    """Whether asking for one module alone installs exactly what belongs to it."""
    none = {name: "false" for name in template.get("Parameters", {}) if name.startswith(CHOICE)}
    for module, expected in modules.brought_along(root, functions).items():
        values = Values(template, "root", {**none, f"{CHOICE}{logical(module)}": "true"})
        installed = {name for name, condition in chosen.items() if values.holds(condition)}
        for name in sorted((expected & chosen.keys()) - installed):
            yield f"{ROOT_TEMPLATE} installs {module} without {name}, which it uses; let its condition say so"
        for name in sorted(installed - expected):
            yield f"{ROOT_TEMPLATE} installs {name} with {module}, which does not use it; let its condition say so"


def _is_of(kind: str, name: str) -> bool:
    """Whether a file belongs to the kind: schemas stand among the examples of events."""
    return kind != "examples" or not name.endswith(".schema.json")
