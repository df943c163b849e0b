"""Finds the functions: one file, one declared object of its own name, and refuses whatever breaks the naming law.

Every file of ``functions/<module>/`` is loaded as its own module by its path, as Lambda loads it. All faults are
gathered and told at once.
"""

import importlib.util
import re
import sys
import traceback
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bigledger.kernel import Authorizer, Event, Hook, Operation, Schedule, Subscriber
from bigledger.kernel.events import declared_events

ROOT = Path(__file__).resolve().parents[2]
"""The project's folder."""

_ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) /[a-z0-9][\w./{}-]*\Z")
_PARAMETER = re.compile(r"{\w+}")


Function = Operation[Any, Any] | Subscriber | Schedule | Authorizer | Hook
"""A declared function, whoever calls it: a route, an event, the clock, the gateway before each route, a deployment."""

_KINDS = (Operation, Subscriber, Schedule, Authorizer, Hook)


class FaultyFunctions(Exception):
    """Some function files break the rules; ``faults`` says for each which, and what to do."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Functions:
    """Every declared function, each kind ordered by module and name."""

    operations: tuple[Operation[Any, Any], ...] = ()
    subscribers: tuple[Subscriber, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    authorizers: tuple[Authorizer, ...] = ()
    hooks: tuple[Hook, ...] = ()

    @property
    def all(self) -> tuple[Function, ...]:
        """Every function of every kind, by module and name."""
        every: list[Function] = [*self.operations, *self.subscribers, *self.schedules, *self.authorizers, *self.hooks]
        return tuple(sorted(every, key=_place))

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules that have a function, by name."""
        return tuple(sorted({function.module for function in self.all}))

    def of(self, module: str) -> "Functions":
        """The functions of one module."""
        return Functions(
            _of(module, self.operations),
            _of(module, self.subscribers),
            _of(module, self.schedules),
            _of(module, self.authorizers),
            _of(module, self.hooks),
        )

    @property
    def with_files(self) -> tuple[Operation[Any, Any] | Subscriber, ...]:
        """Those that use the object store."""
        every: list[Operation[Any, Any] | Subscriber] = [*self.operations, *self.subscribers]
        return tuple(one for one in every if one.files)

    @property
    def events(self) -> tuple[type[Event], ...]:
        """Every event that some function may emit, by type and version."""
        emitted = {event for operation in self.operations for event in operation.emits}
        emitted |= {event for subscriber in self.subscribers for event in subscriber.emits}
        return tuple(sorted(emitted, key=lambda event: (event.type, event.version)))


def discover(root: Path = ROOT) -> Functions:
    """Load every function file below ``root``.

    Raises FaultyFunctions, naming every fault found: a file without its operation or that does not import, a
    name unlike the file's, a name or route that stands twice, an event that is not declared, a path parameter
    the command does not have, a missing docstring or test file.
    """
    found: list[tuple[Path, Function]] = []
    faults: list[str] = []
    for path in sorted((root / "functions").glob("*/*.py")):
        if path.name.startswith("_"):
            continue
        place = path.relative_to(root)
        try:
            function = load(path)
        except FaultyFunctions as error:
            faults.extend(f"{place}: {fault}" for fault in error.faults)
            continue
        found.append((place, function))
        faults.extend(f"{place}: {fault}" for fault in _faults(function, root))
    faults.extend(_doubled(found))
    if faults:
        raise FaultyFunctions(faults)
    functions = [function for _, function in found]
    return Functions(
        tuple(function for function in functions if isinstance(function, Operation)),
        tuple(function for function in functions if isinstance(function, Subscriber)),
        tuple(function for function in functions if isinstance(function, Schedule)),
        tuple(function for function in functions if isinstance(function, Authorizer)),
        tuple(function for function in functions if isinstance(function, Hook)),
    )


def load(path: Path) -> Function:
    """The one object that the function file at ``path`` declares.

    Raises FaultyFunctions when the file does not import or does not declare exactly one object of its own name.
    """
    name = f"functions.{path.parent.name}.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(name)
    sys.modules[name] = module  # models that a file declares look themselves up while they are made
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise FaultyFunctions([f"does not import: {type(error).__name__}: {error} ({_origin(error)})"]) from error
    finally:
        if before is None:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = before
    own: dict[str, Function] = {
        value.name: value
        for value in vars(module).values()
        if isinstance(value, _KINDS) and value.function.__module__ == name
    }
    function = own.pop(path.stem, None)
    others = ", ".join(sorted(own))
    if function is None:
        raise FaultyFunctions(
            [
                f"declares {others}; the function has to be named {path.stem}, as its file is"
                if others
                else f"declares nothing named {path.stem}; use @operation, @subscriber or @schedule"
            ]
        )
    if others:
        raise FaultyFunctions([f"declares {others} besides {path.stem}; give each a file of its own"])
    if not hasattr(module, path.stem):
        raise FaultyFunctions([f"does not hold {path.stem} under that name, so Lambda would not find it"])
    return function


def _faults(function: Function, root: Path) -> Iterator[str]:
    """What is wrong with one function by itself."""
    if not (function.function.__doc__ or "").strip():
        yield "has no docstring; its first line is the summary in the published contract"
    test = Path("tests") / function.module / f"test_{function.name}.py"
    if not (root / test).is_file():
        yield f"has no test file; write {test}"
    declared = set(declared_events().values())
    for event in getattr(function, "emits", ()):
        if event not in declared:
            yield f"emits {_named(event)}, which is not declared with @event"
    if isinstance(function, Subscriber) and function.event not in declared:
        yield f"subscribes to {_named(function.event)}, which is not declared with @event"
    if isinstance(function, Operation):
        yield from _route_faults(function)


def _route_faults(operation: Operation[Any, Any]) -> Iterator[str]:
    if not _ROUTE.match(operation.route):
        yield f'has the route "{operation.route}"; write it as "POST /api/v1/invoices/{{id}}/void"'
    command = operation.command
    for name in operation.path_parameters:
        if command is None or (name not in command.model_fields and command.model_config.get("extra") != "allow"):
            yield f"has {{{name}}} in its path, but its command has no field {name}"


def _doubled(found: Sequence[tuple[Path, Function]]) -> Iterator[str]:
    """Names and routes that stand twice. Subscribers are named with their module, so theirs may."""
    names: dict[str, list[str]] = defaultdict(list)
    routes: dict[str, list[str]] = defaultdict(list)
    for place, function in found:
        if not isinstance(function, Subscriber):
            names[function.name].append(str(place))
        if isinstance(function, Operation):
            routes[_PARAMETER.sub("{}", function.route)].append(str(place))
    for name, places in names.items():
        if len(places) > 1:
            yield f"{' and '.join(places)}: both are named {name}; a name stands once in the whole system"
    for route, places in routes.items():
        if len(places) > 1:
            yield f"{' and '.join(places)}: both answer {route}; the gateway could not choose"


FunctionKind = TypeVar("FunctionKind", bound=Function)


def _of(module: str, functions: Iterable[FunctionKind]) -> tuple[FunctionKind, ...]:
    return tuple(function for function in functions if function.module == module)


def _place(function: Function) -> tuple[str, str]:
    return function.module, function.name


def _origin(error: Exception) -> str:
    """Where an exception comes from: the innermost line of ours, or of all when none is."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "bigledger" in frame.filename or "functions" in frame.filename]
    frame = (ours or frames)[-1]
    return f"{frame.filename}, line {frame.lineno}"


def _named(event: Any) -> str:
    return getattr(event, "__name__", repr(event))
