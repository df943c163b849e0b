"""Which modules an installation may leave out: a module brings along those that it uses.

All code and all tables are there in any case, since they come with the layer. But what one module makes, another's
functions look after: reservations are released, approvals decided, accounts read. So a module is installed when it is
asked for, and when an installed one imports it.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from devtools.generate.discover import Functions

LAYER = "layers/bigledger/bigledger"


def needed_by_all(functions: Functions) -> set[str]:
    """The modules that nothing works without: the authorizer's, the hook's, those with schedules of the dispatcher."""
    modules = {one.module for one in functions.authorizers} | {one.module for one in functions.hooks}
    return modules | {one.module for one in functions.schedules if one.role == "dispatcher"}


def brought_along(root: Path, functions: Functions) -> dict[str, set[str]]:
    """For each module with functions, the modules that are installed with it, itself among them."""
    modules = functions.modules
    uses = {module: set(_imported(root, module)) & set(modules) for module in modules}
    always = _closure(needed_by_all(functions), uses)
    return {module: _closure({module}, uses) | always for module in modules}


def _closure(names: Iterable[str], uses: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= uses[name] - found
    return found


def _imported(root: Path, module: str) -> Iterator[str]:
    """The modules of the layer that a module's own code and functions import."""
    for folder in (root / LAYER / module, root / "functions" / module):
        for file in folder.rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(), str(file))):
                if isinstance(node, ast.ImportFrom) and node.module == "bigledger":
                    yield from (alias.name for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bigledger."):
                    yield str(node.module).split(".")[1]
