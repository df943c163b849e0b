"""What Lambda would get: layers that are compiled, for its processor, and without tests; functions that are thin."""

from __future__ import annotations

import importlib.util
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from devtools.deploy.tree import FUNCTION, LAYER, Document, Stack, code

UNPACKED = 250 * 1024 * 1024
"""Lambda: bytes of a function with its layers, unpacked."""
THIN = 512 * 1024
"""Bytes of a function's folder: it is copied for every function, so what is heavy belongs into a layer."""

BYTECODE = ".cpython-311.pyc"
UNCHECKED_HASH = 0b01
"""PEP 552: the file is used without a look at its source."""

ALL = 4 * 1024 * 1024
"""Bytes of the folder with the functions of all modules, which goes with the one function that runs the others."""

_MAGIC = importlib.util.MAGIC_NUMBER
_X86_64 = 62  # in an ELF header, the machine
_TESTS = ("tests", "test")


@dataclass(frozen=True)
class Artifact:
    """A built folder: its name, its size in bytes, and its files."""

    name: str
    folder: Path
    size: int
    files: int


def measured(name: str, folder: Path) -> Artifact:
    """A folder as it is."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return Artifact(name, folder, sum(path.stat().st_size for path in files), len(files))


def layers(built: Iterable[Stack]) -> list[Artifact]:
    """The built layers."""
    return [measured(_called(stack, logical), folder) for stack, logical, folder in _built(built, LAYER)]


def functions(built: Iterable[Stack]) -> list[Artifact]:
    """The built functions."""
    return [measured(_called(stack, logical), folder) for stack, logical, folder in _built(built, FUNCTION)]


def layer_faults(folder: Path) -> Iterator[str]:
    """What is wrong with a layer's content below `folder/python`."""
    sources = sorted(folder.rglob("*.py"))
    if not (folder / "python").is_dir() or not sources:
        yield "holds nothing below python/, where Lambda imports from"
    for source in sources:
        yield from _compiled_faults(source, folder)
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if path.is_dir() and path.name in _TESTS:
            yield f"{place} holds tests"
        elif path.name == "conftest.py" or (path.suffix == ".py" and path.name.startswith("test_")):
            yield f"{place} is a test"
        elif path.is_file() and ".so" in path.suffixes and _machine(path) != _X86_64:
            yield f"{place} is not made for x86_64"


def same_sources(built: Path, sources: Path) -> Iterator[str]:
    """Where the Python files below two folders differ: a build that is older than its sources."""
    one = {path.relative_to(built): path.read_bytes() for path in built.rglob("*.py")}
    other = {path.relative_to(sources): path.read_bytes() for path in sources.rglob("*.py")}
    for place in sorted(one.keys() | other.keys()):
        if one.get(place) != other.get(place):
            yield f"{place} is not what {sources.name} has; remove .aws-sam and build again"


def function_faults(folder: Path, properties: Document) -> Iterator[str]:
    """What is wrong with a function's folder."""
    handler = str(properties["Handler"]).rpartition(".")[0]
    if not (folder / f"{handler}.py").is_file():
        yield f"has no {handler}.py, which its handler names"
    found = measured("", folder)
    limit = ALL if "/" in handler else THIN
    if found.size > limit:
        yield f"has {found.size:,} bytes; more than {limit:,} belong into a layer"
    for path in sorted(folder.rglob("*")):
        if path.name == "__pycache__" or path.suffix in (".pyc", ".so"):
            yield f"{path.relative_to(folder)} is no source"


def faults(built: Iterable[Stack], sources: Path) -> Iterator[str]:
    """What is wrong with everything that was built. `sources` is the folder that the project's own layer is made of."""
    stacks = list(built)
    whole = 0
    for stack, logical, folder in _built(stacks, LAYER):
        name = _called(stack, logical)
        found = list(layer_faults(folder))
        own = folder / "python" / sources.name
        if own.is_dir():
            found += same_sources(own, sources)
        yield from (f"{name}: {fault}" for fault in _some(found))
        whole += measured(name, folder).size
    largest = 0
    for stack, logical, folder in _built(stacks, FUNCTION):
        name = _called(stack, logical)
        properties = stack.document["Resources"][logical]["Properties"]
        yield from (f"{name}: {fault}" for fault in function_faults(folder, properties))
        largest = max(largest, measured(name, folder).size)
    if whole + largest > UNPACKED:
        yield f"the layers and the largest function have {whole + largest:,} bytes; Lambda takes {UNPACKED:,}"


def _compiled_faults(source: Path, folder: Path) -> Iterator[str]:
    compiled = source.parent / "__pycache__" / f"{source.stem}{BYTECODE}"
    place = source.relative_to(folder)
    if not compiled.is_file():
        yield f"{place} is not compiled"
        return
    head = compiled.read_bytes()[:16]
    if head[:4] != _MAGIC or struct.unpack("<I", head[4:8])[0] != UNCHECKED_HASH:
        yield f"{place} is not compiled by Python 3.11 with --invalidation-mode unchecked-hash"
    elif head[8:16] != importlib.util.source_hash(source.read_bytes()):
        yield f"{place} was changed after it was compiled"


def _machine(path: Path) -> int | None:
    head = path.read_bytes()[:20]
    return int.from_bytes(head[18:20], "little") if head[:4] == b"\x7fELF" else None


def _built(stacks: Iterable[Stack], kind: str) -> Iterator[tuple[Stack, str, Path]]:
    for stack in stacks:
        for logical, place, _ in code(stack.document):
            if stack.document["Resources"][logical]["Type"] == kind:
                yield stack, logical, stack.path.parent / place


def _called(stack: Stack, logical: str) -> str:
    return f"{stack.name}/{logical}" if stack.name else logical


def _some(found: list[str], shown: int = 5) -> list[str]:
    more = [f"and {len(found) - shown} more"] if len(found) > shown else []
    return [*found[:shown], *more]
