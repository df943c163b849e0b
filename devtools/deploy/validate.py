"""`make validate`: proves as far as it can be proved without an AWS account that the project can be deployed.

Every check is made, also after one has failed; a table at the end shows them all.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from devtools.deploy import artifacts, configuration, counts, flat, sam, second_opinion
from devtools.deploy.build import build
from devtools.deploy.emulator import EmulatorUnavailable
from devtools.deploy.tree import MAIN, Stack, applets, stacks, templates
from devtools.environment import ROOT
from devtools.generate.check import API_ROUTES, STACK_RESOURCES
from devtools.generate.discover import FaultyFunctions, discover
from devtools.local.cloudformation import TemplateError
from devtools.local.postgres import PostgresError
from devtools.local.progress import Note, Progress
from devtools.local.state import CloudError

DOMAIN = ROOT / "layers" / "bigledger" / "bigledger"


_REFUSALS = (sam.SamError, second_opinion.Differs, FaultyFunctions, TemplateError, PostgresError, CloudError)


class Failed(Exception):
    """A check found faults; each argument is one."""


class Skipped(Exception):
    """A check cannot be made on this machine; the message says why."""


@dataclass
class Outcome:
    """What a check came to."""

    check: str
    result: str = "passed"
    text: str = ""
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


@dataclass
class Built:
    """What was built so far: the project's stacks, and each applet's."""

    project: list[Stack] = field(default_factory=list)
    applets: list[Stack] = field(default_factory=list)

    def needed(self) -> list[Stack]:
        """The project's stacks. Raises Failed when nothing was built."""
        if not self.project:
            raise Failed("nothing was built; see above")
        return self.project


def main(arguments: list[str]) -> int:
    """Make the checks that are named, or all. Returns the exit status: 1 if one failed."""
    parser = argparse.ArgumentParser(prog="make validate", description=__doc__)
    parser.add_argument("checks", nargs="*", metavar="check", help=f"one of {', '.join(CHECKS)}; all unless named")
    asked = parser.parse_args(arguments).checks or list(CHECKS)
    unknown = sorted(set(asked) - CHECKS.keys())
    if unknown:
        parser.error(f"there is no check {unknown[0]}; there are {', '.join(CHECKS)}")
    if asked != list(CHECKS) and {"artifacts", "emulator"} & set(asked):
        asked = ["build", *(name for name in asked if name != "build")]
    progress = Progress(total=len(asked))
    built = Built()
    outcomes = [run(name, built, progress) for name in CHECKS if name in asked]
    show(outcomes, progress.console)
    return 1 if any(outcome.result == "failed" for outcome in outcomes) else 0


def run(name: str, built: Built, progress: Progress) -> Outcome:
    """Make one check, and show it while it is made."""
    title, check = CHECKS[name]
    outcome = Outcome(title)
    started = time.monotonic()
    try:
        with progress.step(title) as note:
            outcome.text = note.text = check(note, built)
    except Failed as failure:
        outcome.result, outcome.faults = "failed", [str(fault) for fault in failure.args]
    except Skipped as skip:
        outcome.result, outcome.text = "skipped", str(skip)
    except _REFUSALS as error:
        outcome.result, outcome.faults = "failed", [str(error)]
    outcome.seconds = time.monotonic() - started
    for fault in outcome.faults:
        progress.say(f"    {fault}", markup=False)
    return outcome


def show(outcomes: list[Outcome], console: Console) -> None:
    """The table of all checks."""
    table = Table(title="Can it be deployed?", title_justify="left")
    for name in ("check", "result", "what was found"):
        table.add_column(name)
    table.add_column("seconds", justify="right")
    colors = {"passed": "green", "failed": "red", "skipped": "yellow"}
    for outcome in outcomes:
        color = colors[outcome.result]
        told = outcome.text or f"{len(outcome.faults)} faults; see above"
        row = (outcome.check, f"[{color}]{outcome.result}[/{color}]", escape(told), f"{outcome.seconds:.1f}")
        table.add_row(*row)
    console.print()
    console.print(table)


def _configuration(note: Note, built: Built) -> str:
    _none(configuration.check())
    return ", ".join(configuration.STAGES)


def _templates(note: Note, built: Built) -> str:
    found = templates()
    faults = []
    for done, one in enumerate(sam.ask("validate", templates=found, config=str(sam.empty_configuration())), start=1):
        note.show(f"{done}/{2 * len(found)}")
        if one["fault"] is not None:
            faults.append(f"{one['template']}, {one['check']}: {one['fault']}")
    if faults:
        raise Failed(*faults)
    return f"{len(found)} templates, each by SAM's translator and by its linter"


def _counts(note: Note, built: Built) -> str:
    found = counts.count(ROOT, templates())
    faults = [*counts.faults(found), *counts.miscounted(ROOT, found)]
    if faults:
        raise Failed(*faults)
    most = max(found, key=lambda one: one.resources)
    integrations = sum(one.integrations for one in found)
    return (
        f"at most {most.resources} of {STACK_RESOURCES} resources ({most.template});"
        f" {integrations} of {API_ROUTES} integrations"
    )


def _build(note: Note, built: Built) -> str:
    built.project = list(stacks(build(MAIN, note.show)))
    for applet in applets():
        built.applets += stacks(build(applet, note.show))
    functions = artifacts.functions(built.project)
    return f"{len(functions)} functions, {len(artifacts.layers(built.project))} layers, {len(applets())} applets"


def _artifacts(note: Note, built: Built) -> str:
    project = built.needed()
    _none(artifacts.faults(project, DOMAIN))
    layers = ", ".join(f"{one.name} {one.size / 1e6:.1f} MB" for one in artifacts.layers(project))
    largest = max(artifacts.functions(project), key=lambda one: one.size)
    return f"{layers}, compiled; no function above {largest.size / 1e3:.0f} kB"


def _routes(note: Note, built: Built) -> str:
    path = flat.write(flat.template(flat.deployment(), flat.built_layers(), {}))
    found = {(str(one["method"]), str(one["path"])) for one in sam.ask("routes", template=str(path))}
    wanted = {(operation.method, operation.path) for operation in discover().operations}
    _none(unlike(wanted, found))
    return f"{len(found)} routes, as many as operations"


def unlike(wanted: set[tuple[str, str]], found: set[tuple[str, str]]) -> list[str]:
    """Where the routes that SAM CLI finds are not the operations'."""
    missing = [f"sam local does not find {method} {path}" for method, path in sorted(wanted - found)]
    return missing + [
        f"sam local finds {method} {path}, which no operation has" for method, path in sorted(found - wanted)
    ]


def _emulator(note: Note, built: Built) -> str:
    built.needed()
    try:
        opinion = second_opinion.ask(note)
    except EmulatorUnavailable as reason:
        raise Skipped(f"the emulator cannot start here: {reason}") from reason
    left_out = sum(opinion.left_out.values())
    return (
        f"ministack deployed {opinion.functions} functions and {opinion.routes} routes; {opinion.calls} calls answered"
        f" as published (it has no place for {left_out} resources: {', '.join(sorted(opinion.left_out)) or 'none'})"
    )


def _none(faults: object) -> None:
    found = list(faults)  # type: ignore[call-overload]
    if found:
        raise Failed(*found)


Check = Callable[[Note, Built], str]

CHECKS: dict[str, tuple[str, Check]] = {
    "configuration": ("samconfig.toml", _configuration),
    "templates": ("sam validate", _templates),
    "counts": ("Limits of AWS", _counts),
    "build": ("sam build", _build),
    "artifacts": ("Built artifacts", _artifacts),
    "routes": ("Routes of sam local", _routes),
    "emulator": ("Second opinion", _emulator),
}
"""The checks by name, in their order: title, and what makes it and answers what was found."""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
