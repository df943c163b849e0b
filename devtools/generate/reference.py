"""The reference for readers: every operation by module, and every problem with its status and meaning."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from bigledger.kernel import Event, Operation
from devtools.generate import problems
from devtools.generate.discover import Functions
from devtools.generate.published import RESOURCE, Published, Resource, summary_and_description
from devtools.generate.recorded import event_name

OPERATIONS = "docs/operations.md"
PROBLEMS = "docs/problems.md"

_MANY = 8
_NOTE = "<!-- Printed from the operations by `make generate`; a change made here is overwritten. -->"

_ABOUT_OPERATIONS = (
    "One row per function. The permission is asked of every caller; the refusals that any operation may give are among"
    " the [problems](problems.md). Each has an [example](examples/); the [events](../events/) have theirs."
)
_ABOUT_PROBLEMS = (
    "Refusals are answered as `application/problem+json` (RFC 9457). A program tests `code`; `detail` tells a person"
    " what to do; `errors` points at the places in the request. Whatever the code, nothing was changed."
)


def reference(functions: Functions, published: Iterable[Published], resources: Iterable[Resource]) -> dict[str, str]:
    """The two pages by their paths."""
    return {
        OPERATIONS: operations_page(functions, list(resources)),
        PROBLEMS: problems_page(list(published)),
    }


def operations_page(functions: Functions, resources: list[Resource]) -> str:
    """Every function, a table per module and kind."""
    lines = [_NOTE, "", "# Operations", "", _ABOUT_OPERATIONS]
    for module in functions.modules:
        own = functions.of(module)
        lines += ["", f"## {module}"]
        if own.operations:
            lines += [
                "",
                "| Operation | Route | Permission | Emits | Refuses with | What it does |",
                "|---|---|---|---|---|---|",
            ]
            lines += [_operation(operation) for operation in own.operations]
        generic = [operation for operation in own.operations if RESOURCE in operation.path_parameters]
        if generic and resources:
            lines += [
                "",
                "`{resource}` is one of these, `{type}` its type; the contract has the operations of each by name:",
            ]
            lines += ["", "| Resource | Type | What it is |", "|---|---|---|"]
            lines += [_resource(resource) for resource in resources]
        if own.subscribers:
            lines += ["", "| Reacts to an event | Event | Emits | What it does |", "|---|---|---|---|"]
            lines += [
                f"| {_anchor(one.name)} | `{event_name(one.event)}` | {_events(one.emits)} | {_cell(one.summary)} |"
                for one in own.subscribers
            ]
        if own.schedules:
            lines += ["", "| Runs by the clock | When | What it does |", "|---|---|---|"]
            lines += [f"| {_anchor(one.name)} | `{one.rate}` | {_cell(one.summary)} |" for one in own.schedules]
        for authorizer in own.authorizers:
            summary, _ = summary_and_description(authorizer.function.__doc__ or "")
            lines += ["", f"{_anchor(authorizer.name)} is called by the gateway before the others. {summary}."]
        for hook in own.hooks:
            summary, _ = summary_and_description(hook.function.__doc__ or "")
            lines += ["", f"{_anchor(hook.name)} is called by a deployment for each new version. {summary}."]
    return "\n".join(lines) + "\n"


def problems_page(published: list[Published]) -> str:
    """Every refusal with its status, and the operations that give it where it is not common to all."""
    users: dict[str, list[str]] = defaultdict(list)
    for one in published:
        for problem in one.operation.problems:
            if one.operation.name not in users[problem.code()]:
                users[problem.code()].append(one.operation.name)
    lines = [_NOTE, "", "# Problems", "", _ABOUT_PROBLEMS, ""]
    lines += ["| Code | Status | Meaning | Try again | Refused by |", "|---|---|---|---|---|"]
    for problem in problems.all_problems(one.operation for one in published):
        code = problem.code()
        by = "any operation" if problem in problems.STANDARD else _names(users[code])
        again = "yes" if problem.retryable else "no"
        meaning = problems.meaning(problem).partition("\n\n")[0]
        lines.append(f'| <a id="{code}"></a>`{code}` | {problem.status} | {_cell(meaning)} | {again} | {by} |')
    return "\n".join(lines) + "\n"


def _operation(operation: Operation[Any, Any]) -> str:
    refusals = ", ".join(f"[{problem.code()}](problems.md#{problem.code()})" for problem in operation.problems)
    cells = (
        _anchor(operation.name),
        f"`{operation.route}`",
        _permission(operation),
        _events(operation.emits),
        refusals,
        _cell(operation.summary),
    )
    return f"| {' | '.join(cells)} |"


def _permission(operation: Operation[Any, Any]) -> str:
    if operation.permission is None:
        return "none"
    if RESOURCE in operation.path_parameters:
        return f"`{operation.module}.{operation.name.partition('_')[0]}_{{type}}`"
    return f"`{operation.permission}`" if operation.permission else "any key"


def _resource(resource: Resource) -> str:
    summary, _ = summary_and_description(resource.model.__doc__ or "")
    return f"| `{resource.name}` | `{resource.type}` | {_cell(summary)}. |"


def _events(events: Iterable[type[Event]]) -> str:
    """The names of events; of very many only the kinds, which the resources' names complete."""
    names = [f"`{event_name(event)}`" for event in events]
    if len(names) <= _MANY:
        return ", ".join(names)
    kinds = dict.fromkeys(event.type.partition(".")[2] for event in events)
    return ", ".join(f"`….{kind}`" for kind in kinds)


def _names(names: list[str]) -> str:
    return ", ".join(f"[{name}](operations.md#{name})" for name in names)


def _anchor(name: str) -> str:
    return f'<a id="{name}"></a>`{name}`'


def _cell(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|")
