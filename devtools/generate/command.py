"""``bigledger generate``: prints, or with ``--check`` compares without writing anything."""

import sys
from collections.abc import Mapping
from pathlib import Path

from devtools.generate import check, migrations
from devtools.generate.discover import ROOT, FaultyFunctions, Functions, discover
from devtools.generate.examples import ExamplesFailed, record
from devtools.generate.printing import printed
from devtools.generate.published import Resource, serves_resources
from devtools.generate.recorded import Recorded, missing, read

_SHOWN = 12


def main(only_check: bool, with_examples: bool, root: Path = ROOT) -> int:
    """Print or check everything; answers the exit status.

    ``with_examples`` runs the example tests first; without, the committed examples are taken as they are.
    """
    try:
        functions = discover(root)
        recorded = _recorded(root) if with_examples else read(root)
        wanted = printed(functions, resources_for(functions), recorded)
    except FaultyFunctions as error:
        return _refused("The functions break rules that everything else is made from:", error.faults)
    except ExamplesFailed as error:
        print(error)
        return _refused("Nothing was printed, since example tests failed; see above.", ())
    faults = [*check.limits(functions), *check.root_template(root, functions), *migrations.faults()]
    if faults:
        return _refused("What would be printed could not be deployed:", faults)
    drifted = _check(root, wanted) if only_check else _write(root, wanted)
    gaps = _gaps(functions, recorded)
    for gap in gaps:
        print(f"  {gap}", file=sys.stderr)
    if only_check and drifted:
        return _refused("Run `make generate`, look at the difference, and commit it.", ())
    return 1 if only_check and gaps else 0


def resources_for(functions: Functions) -> Mapping[str, Resource]:
    """The registry of master data, when some operation is published for each of its resources."""
    if not serves_resources(functions.operations):
        return {}
    from bigledger.records import RESOURCES

    return RESOURCES


def _recorded(root: Path) -> Recorded:
    alive = sys.stdout.isatty()

    def progress(percent: int) -> None:
        if alive:
            print(f"\r  running the example tests  {percent:3} %", end="", flush=True)

    if not alive:
        print("  running the example tests", flush=True)
    try:
        return record(root, progress)
    finally:
        if alive:
            print("\r\x1b[K", end="")


def _check(root: Path, wanted: check.Printed) -> bool:
    drifted = False
    for kind, files in wanted.items():
        drifts = check.drift(root, kind, files)
        drifted |= bool(drifts)
        print(f"  {kind:<10} {len(files):4} files  {f'{len(drifts)} drifted' if drifts else 'in step'}")
        _show(drifts)
    return drifted


def _write(root: Path, wanted: check.Printed) -> bool:
    for kind, files in wanted.items():
        drifts = check.write(root, kind, files)
        print(f"  {kind:<10} {len(files):4} files  {f'{len(drifts)} written' if drifts else 'unchanged'}")
        _show(drifts, _WRITTEN)
    return False


_FOUND = {"missing": "missing", "differs": "differs", "left over": "left over"}
_WRITTEN = {"missing": "new", "differs": "changed", "left over": "removed"}


def _show(drifts: list[check.Drift], words: dict[str, str] = _FOUND) -> None:
    for one in drifts[:_SHOWN]:
        print(f"    {words[one.state]}: {one.path}")
    if len(drifts) > _SHOWN:
        print(f"    and {len(drifts) - _SHOWN} more")


def _gaps(functions: Functions, recorded: Recorded) -> list[str]:
    names = [f"{operation.module}.{operation.name}" for operation in functions.operations]
    return missing(recorded, names, functions.events)


def _refused(reason: str, faults: tuple[str, ...] | list[str]) -> int:
    print(reason, file=sys.stderr)
    for fault in faults:
        print(f"  {fault}", file=sys.stderr)
    return 1
