"""What a revision may do: one that expands only adds, so that functions of the release before go on working.

The statements of a revision are taken from the revision itself, which is run without a database. Bodies of functions
are left out, since they are not run by it. docs/releases.md has the rule, and how to take something away.
"""

import importlib.util
import re
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from bigledger import __version__
from bigledger.kernel.migrations.revisions import FaultyRevision, Revision, place_of, revisions

_QUOTED = re.compile(r"(?P<tag>\$\w*\$).*?(?P=tag)|'(?:[^']|'')*'|--[^\n]*", re.DOTALL)
_DO = re.compile(r"\s*DO\b", re.IGNORECASE)

_TABLE = r"(?:IF (?:NOT )?EXISTS )?(?:ONLY )?(?P<table>[\w.]+)"
_CREATED = re.compile(rf"CREATE (?:UNLOGGED )?TABLE {_TABLE}", re.IGNORECASE)
_ALTERED = re.compile(rf"ALTER TABLE {_TABLE} (?P<actions>.*)", re.IGNORECASE)
_UNIQUE_INDEX = re.compile(rf"CREATE UNIQUE INDEX .*?\bON {_TABLE}", re.IGNORECASE)
_CONSTRAINT = r"(?:CONSTRAINT (?P<name>\w+) )?(?:CHECK|UNIQUE|PRIMARY KEY|FOREIGN KEY|EXCLUDE)\b"
_ADDED_CONSTRAINT = re.compile(rf"ADD {_CONSTRAINT}", re.IGNORECASE)
_ADDED_COLUMN = re.compile(r"ADD (?:COLUMN )?(?:IF NOT EXISTS )?(?P<column>\w+) ", re.IGNORECASE)
_DROPPED_CONSTRAINT = re.compile(r"DROP CONSTRAINT (?P<name>\w+)", re.IGNORECASE)

_REFUSED = {
    r"\bDROP (?!NOT NULL)": "drops something",
    r"\bRENAME\b": "renames something",
    r"\bALTER (COLUMN )?(?!COLUMN\b)\w+ (SET DATA )?TYPE\b": "changes the type of a column",
    r"\bALTER TYPE (?!.*\b(ADD VALUE|RENAME)\b)": "changes a type",
    r"\bSET NOT NULL\b": "forbids null where it was allowed",
    r"\bSET SCHEMA\b": "moves something to another schema",
    r"\bTRUNCATE (?!ON\b)": "empties a table",
    r"\bDELETE FROM\b": "deletes rows",
    r"\bREVOKE\b": "takes a right away",
    r"\b(ALTER POLICY|AS RESTRICTIVE)\b": "lets a policy allow less",
    r"\bDISABLE\b": "switches something off",
}
"""What code that does not know of it may not survive."""


def faults(places: Iterable[Path] | None = None, release: str = __version__) -> Iterator[str]:
    """What is wrong with the revisions of these folders, or of all modules, in a release."""
    try:
        found = revisions(places)
    except FaultyRevision as error:
        yield str(error)
        return
    for revision in found.values():
        if revision.unused_since is None:
            yield from _not_expanding(revision)
        elif place_of(revision.unused_since) >= place_of(release):
            yield (
                f"{revision.name} takes away what is unused since release {revision.unused_since}, and this is release"
                f" {release}: functions of the release before would break. Keep it for a later release."
            )


def statements(revision: Revision) -> list[str]:
    """The statements that a revision sends, one by one, in one line each, without literals and bodies of functions."""
    module = _loaded(revision)
    sent = _Sent()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": sent})
    with Operations.context(context):
        module.upgrade()
    return [" ".join(one.split()) for text in sent.texts for one in _bare(text).split(";") if one.strip()]


class _Sent(StringIO):
    """Keeps apart what is written at once."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def write(self, text: str) -> int:
        self.texts.append(text)
        return len(text)


def _loaded(revision: Revision) -> Any:
    spec = importlib.util.spec_from_file_location(revision.name, revision.path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _bare(text: str) -> str:
    """A statement without what is only quoted in it; a DO block is run, so nothing of it is left out."""
    return text.replace(";", " ") if _DO.match(text) else _QUOTED.sub("''", text)


def _not_expanding(revision: Revision) -> Iterator[str]:
    sent = statements(revision)
    own = {found["table"].lower() for one in sent if (found := _CREATED.match(one))}
    # Of the rows that a new module will keep in a table of all, it may say what they are like: nobody writes any yet.
    new_module = _loaded(revision).down_revision is None
    for statement in sent:
        if new_module and _UNIQUE_INDEX.match(statement) and " WHERE " in statement:
            continue
        for reason in dict.fromkeys(_reasons(statement, own)):
            yield f'{revision.name} is an expand revision and {reason}: "{_short(statement)}"'


def _reasons(statement: str, own: set[str]) -> Iterator[str]:
    """Why a statement is none for an expand revision; ``own`` are the tables that the revision itself makes."""
    altered = _ALTERED.match(statement)
    if altered and altered["table"].lower() not in own:
        widened = _widened(altered["actions"])
        for added in _ADDED_CONSTRAINT.finditer(altered["actions"]):
            if added["name"] not in widened:
                yield "forbids rows that were allowed"
        for action in _actions(altered["actions"]):
            column = _ADDED_COLUMN.match(action)
            demanded = re.search(r"\b(NOT NULL|PRIMARY KEY)\b", action, re.IGNORECASE)
            given = re.search(r"\b(DEFAULT|GENERATED)\b", action, re.IGNORECASE)
            if column and not _ADDED_CONSTRAINT.match(action) and demanded and not given:
                yield f"demands {column['column']} of code that does not know it; give it a default"
        for name in widened:
            statement = re.sub(rf"DROP CONSTRAINT {name}\b", "", statement, flags=re.IGNORECASE)
    index = _UNIQUE_INDEX.match(statement)
    if index and index["table"].lower() not in own:
        yield "forbids rows that were allowed"
    for pattern, reason in _REFUSED.items():
        if re.search(pattern, statement, re.IGNORECASE):
            yield reason


def _widened(actions: str) -> set[str]:
    """The CHECK constraints that are dropped and made anew under their name, to allow more; see ``widen_check``."""
    dropped = {found["name"] for found in _DROPPED_CONSTRAINT.finditer(actions)}
    return {name for name in dropped if re.search(rf"ADD CONSTRAINT {name} CHECK\b", actions, re.IGNORECASE)}


def _actions(text: str) -> Iterator[str]:
    """The actions of an ALTER TABLE: what stands between commas outside of parentheses."""
    depth = start = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            yield text[start:place].strip()
            start = place + 1
    yield text[start:].strip()


def _short(statement: str) -> str:
    return statement if len(statement) <= 100 else f"{statement[:99]}…"
