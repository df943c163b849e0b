"""The project's own Python files, and what stands in them: found, not listed."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = ROOT / "functions"
LAYER = ROOT / "layers" / "bigledger" / "bigledger"
KERNEL = LAYER / "kernel"

MODULES = sorted(path.parent.name for path in LAYER.glob("*/__init__.py") if path.parent != KERNEL)
"""The modules of the layer; the kernel is none of them."""


def function_files() -> list[Path]:
    """Every function: an operation, a subscriber, a schedule or the authorizer."""
    return sorted(path for path in FUNCTIONS.glob("*/*.py") if not path.name.startswith("_"))


def layer_files() -> list[Path]:
    """Every file of the layer."""
    return sorted(LAYER.rglob("*.py"))


def named(path: Path) -> str:
    """The path as it stands in the project."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(), str(path))


def lines(path: Path) -> int:
    """How many lines a file has."""
    return len(path.read_text().splitlines())


def imports(path: Path) -> Iterator[tuple[int, str, str | None]]:
    """Line, module and name of everything that a file imports; no name for a whole module."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, None
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{named(path)}:{node.lineno}: imports are absolute here"
            for alias in node.names:
                yield node.lineno, str(node.module), alias.name


def exported(module: str) -> set[str]:
    """The names that a module's ``__init__`` lists in ``__all__``."""
    for node in parsed(LAYER / module / "__init__.py").body:
        if isinstance(node, ast.Assign) and [target.id for target in node.targets if isinstance(target, ast.Name)] == [
            "__all__"
        ]:
            names = ast.literal_eval(node.value)
            assert isinstance(names, list)
            return set(names)
    raise AssertionError(f"bigledger.{module} has no __all__; list there what others may import")


def dotted(node: ast.AST) -> str:
    """``datetime.now`` of such an expression; nothing for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else node.attr
    return ""
