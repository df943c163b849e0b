"""``bigledger deploy-check``: what a deployment would change, and what of it would break something."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from devtools.local.state import ROOT
from devtools.operate import migrate
from devtools.operate.changes import PARTS, Change, compare, of_part
from devtools.operate.release import Release, parse, read, read_commit
from devtools.operate.target import Refusal, Target, add_arguments, target

BREAKS = 1
CANNOT = 2

_SHOWN = 15
_SIGNS = {"added": "+", "removed": "-", "changed": "~", "replaced": "±", "pending": "…"}


def main(arguments: list[str]) -> int:
    """Compare and tell; answers 0 when nothing breaks, 1 when something does, 2 when it cannot be said."""
    options = parser().parse_args(arguments)
    try:
        after = read(options.root)
        if options.record:
            Path(options.record).write_text(after.text())
            print(f"Wrote what release {after.version} consists of to {options.record}.", file=sys.stderr)
        before = _before(options.since, options.root) if options.since else None
        changes = compare(before, after) if before else []
        database = target(options) if options.url or options.stack_name else None
        if database is not None:
            changes += waiting(database)
        elif before is None and not options.record:
            raise Refusal("Say what to compare with: --since a tag, a commit or a manifest; --url or --stack-name.")
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return CANNOT
    if options.json:
        print(json.dumps([asdict(change) for change in changes], indent=2))
    elif before is not None or database is not None:
        show(before, after, changes, everything=options.all)
    return BREAKS if any(change.breaks for change in changes) else 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="bigledger deploy-check",
        description="Says what deploying this release would change: routes, permissions, events, migrations, and the"
        " resources of the templates. What breaks callers, subscribers or data is marked, and makes the exit status 1.",
        epilog="A release is read from its printed files, so run `make check` before. After a deployment keep what was"
        " deployed: `git tag -f deployed/prod`, or `bigledger deploy-check --record deployed-prod.json`.",
    )
    made.add_argument("--since", metavar="RELEASE", help="what is deployed: a tag or commit, or a manifest's file")
    add_arguments(made)
    made.add_argument("--record", metavar="FILE", help="write the manifest of this release")
    made.add_argument("--root", type=Path, default=ROOT, help="the folder of this release; the project's when left out")
    made.add_argument("--all", action="store_true", help=f"show every change, not the first {_SHOWN} of a kind")
    made.add_argument("--json", action="store_true", help="print the changes as JSON")
    return made


def waiting(database: Target) -> list[Change]:
    """The migrations that a database has not got. One that is ahead of this release breaks it."""
    try:
        return [Change("migrations", "pending", revision) for revision in migrate.pending(database)]
    except Refusal as refusal:
        if "is ahead" not in str(refusal):
            raise
        return [Change("migrations", "removed", database.shown, (str(refusal),))]


def show(before: Release | None, after: Release, changes: list[Change], *, everything: bool) -> None:
    """Tell the changes to a person."""
    print(f"Release {before.version} → {after.version}" if before else f"Release {after.version}")
    for part in PARTS:
        found = of_part(changes, part)
        if found:
            print(f"\n{part}: {_counted(found)}")
            # What breaks is never left out.
            found.sort(key=lambda change: not change.breaks)
            breaking = sum(bool(change.breaks) for change in found)
            shown = found if everything else found[: max(_SHOWN, breaking)]
            for change in shown:
                print(f"  {'!' if change.breaks else ' '} {_SIGNS[change.verb]} {change.what}")
                for reason in change.breaks:
                    print(f"        breaks: {reason}")
            if len(shown) < len(found):
                print(f"      and {len(found) - len(shown)} more; --all shows them")
    breaking = sum(bool(change.breaks) for change in changes)
    if not changes:
        print("\nNothing changes but code.")
    elif breaking:
        print(f"\n{breaking} of {len(changes)} changes break something (marked !).")
    else:
        print(f"\n{len(changes)} changes; none breaks anything.")


def _counted(found: list[Change]) -> str:
    counts = {verb: sum(change.verb == verb for change in found) for verb in _SIGNS}
    return ", ".join(f"{count} {verb}" for verb, count in counts.items() if count)


def _before(since: str, root: Path) -> Release:
    file = Path(since)
    return parse(file.read_text()) if file.is_file() else read_commit(root, since)
