"""What every revision says of itself, read from its file, so that functions know it without the migration tool.

A revision of the phase ``expand`` only adds: code that does not know it goes on working. One of the phase ``contract``
takes away what no release from ``unused_since`` on uses any more; code older than that release breaks on it.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

Phase = Literal["expand", "contract"]

Applied = Mapping[str, str | None]
"""Revisions by name, each with the release from which on code suits it: None when any release does."""


class FaultyRevision(Exception):
    """A revision does not say what it has to say of itself; the message names the file and what to write."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision: ``after`` is what it follows and depends on, ``unused_since`` a release such as ``0.3.0``."""

    name: str
    after: tuple[str, ...]
    phase: Phase
    unused_since: str | None
    path: Path


def folders() -> list[Path]:
    """The folders of the revisions of all modules."""
    return sorted(Path(__file__).resolve().parents[2].glob("*/migrations/versions"))


def revisions(places: Iterable[Path] | None = None) -> dict[str, Revision]:
    """Every revision by its name. Raises FaultyRevision."""
    files = (file for place in (folders() if places is None else places) for file in sorted(place.glob("*.py")))
    return {revision.name: revision for revision in map(_read, files)}


@lru_cache(maxsize=1)
def own() -> Applied:
    """The revisions that this release of the code brings."""
    return {name: revision.unused_since for name, revision in revisions().items()}


def with_all_before(names: Iterable[str], known: Mapping[str, Revision]) -> dict[str, Revision]:
    """These revisions with everything they follow or depend on; names that are not known are left out."""
    found: dict[str, Revision] = {}
    waiting = [name for name in names if name in known]
    while waiting:
        revision = known[waiting.pop()]
        if revision.name not in found:
            found[revision.name] = revision
            waiting += revision.after
    return found


def place_of(release: str) -> tuple[int, ...]:
    """Where a release stands among all: ``0.10.1`` comes after ``0.9.2``. Raises ValueError for what is no release."""
    return tuple(int(part) for part in release.split("."))


def _read(file: Path) -> Revision:
    said = dict(_constants(ast.parse(file.read_text(), str(file))))
    name, phase, since = (said.get(key) for key in ("revision", "phase", "unused_since"))
    if not isinstance(name, str):
        raise FaultyRevision(f"{file} does not name its revision.")
    if phase not in ("expand", "contract"):
        raise FaultyRevision(f'{file}: say `phase = "expand"` or `phase = "contract"`; see docs/releases.md.')
    if (phase == "contract") != isinstance(since, str):
        raise FaultyRevision(
            f"{file}: a contract revision says `unused_since`, the first release that does not use what it takes away,"
            " and no other does."
        )
    after = tuple(other for key in ("down_revision", "depends_on") for other in _names(said.get(key)))
    return Revision(name, after, phase, since, file)


def _constants(module: ast.Module) -> Iterator[tuple[str, Any]]:
    """The names that a file sets to plain values."""
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.Tuple | ast.List):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, ast.literal_eval(node.value)


def _names(said: str | Iterable[str] | None) -> Iterable[str]:
    return () if said is None else (said,) if isinstance(said, str) else said
