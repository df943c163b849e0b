"""``bigledger migrate``: brings a database to the newest schema of every module, as its owner."""

from __future__ import annotations

import argparse
import logging
import sys

from alembic.runtime.migration import RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bigledger.kernel.migrations.upgrade import config, upgrade
from bigledger.kernel.migrations.window import WindowOpen
from devtools.operate import roles
from devtools.operate.target import Refusal, Target, add_arguments, target


def main(arguments: list[str]) -> int:
    """Migrate, and in AWS let the database's roles in; answers the exit status."""
    options = parser().parse_args(arguments)
    try:
        asked = target(options)
        waiting = pending(asked)
        if options.dry_run:
            show(asked, waiting)
            return 0
        run(asked, waiting)
        if asked.stack is not None:
            roles.let_in(asked, asked.stack)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="bigledger migrate",
        description="Brings a database to the newest schema of every module, all of it or nothing, and says what was"
        " done. On a database that is up to date it does nothing. With --stack-name it goes on as `bigledger"
        " database-roles` does.",
    )
    add_arguments(made)
    made.add_argument("--dry-run", action="store_true", help="say which revisions wait, and apply none")
    return made


def pending(asked: Target) -> list[str]:
    """The revisions that the database has not got, in the order in which they are applied. Raises Refusal."""
    try:
        with asked.connection() as connection:
            there = connection.execute(text("SELECT to_regclass('public.migration') IS NOT NULL")).scalar_one()
            heads = list(connection.execute(text("SELECT version_num FROM migration")).scalars()) if there else []
    except DBAPIError as error:
        raise Refusal(f"{asked.shown} cannot be read as its owner: {error.orig}") from error
    scripts = ScriptDirectory.from_config(config("postgresql://"))
    known = {revision.revision for revision in scripts.walk_revisions()}
    newer = sorted(set(heads) - known)
    if newer:
        raise Refusal(f"The database is ahead: it has {', '.join(newer)}, which this release does not bring.")
    applied = {revision.revision for head in heads for revision in scripts.iterate_revisions(head, "base")}
    return [one.revision for one in reversed(list(scripts.walk_revisions())) if one.revision not in applied]


def show(asked: Target, waiting: list[str]) -> None:
    """Say what waits."""
    if not waiting:
        print(f"Nothing waits: {asked.shown} has the newest schema of every module.")
        return
    print(f"{len(waiting)} revision{'s' if len(waiting) > 1 else ''} would be applied to {asked.shown}:")
    for revision in waiting:
        print(f"  {revision}")


def run(asked: Target, waiting: list[str]) -> None:
    """Apply what waits, telling each revision as it is applied. Raises Refusal; nothing was changed then."""
    told = _Told(len(waiting))
    logger = logging.getLogger("alembic.runtime.migration")
    level = logger.level
    logger.addHandler(told)
    logger.setLevel(logging.INFO)
    if waiting:
        print(f"Migrating {asked.shown}: {len(waiting)} revision{'s' if len(waiting) > 1 else ''}")
    try:
        upgrade(asked.url)  # with nothing to apply, it notes that this release was here, which later ones go by
    except WindowOpen as refusal:
        raise Refusal(f"{refusal} Nothing was changed.") from refusal
    except DBAPIError as error:
        raise Refusal(f"The database refused, and nothing was changed: {error.orig}") from error
    finally:
        logger.removeHandler(told)
        logger.setLevel(level)
    if waiting:
        print(f"Done: {asked.shown} has the newest schema of every module.")
    else:
        show(asked, waiting)


class _Told(logging.Handler):
    """Makes a line of each revision that alembic says it applies."""

    def __init__(self, total: int) -> None:
        super().__init__()
        self._total, self._done = total, 0

    def emit(self, record: logging.LogRecord) -> None:
        step = record.args[0] if isinstance(record.args, tuple) and record.args else None
        if isinstance(step, RevisionStep):
            self._done += 1
            revision = ", ".join(step.to_revisions_no_deps)
            print(f"  {self._done:2}/{self._total} {revision:<18} {str(step.revision.doc).rstrip('.')}", flush=True)
