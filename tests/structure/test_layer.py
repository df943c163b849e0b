"""The shared layer: files one can read, modules that meet only at their public face, exact money, one clock."""

import ast
from pathlib import Path

import pytest

from tests.structure.sources import (
    KERNEL,
    LAYER,
    MODULES,
    dotted,
    exported,
    function_files,
    imports,
    layer_files,
    lines,
    named,
    parsed,
)

layer = pytest.mark.parametrize("path", layer_files(), ids=named)


def test_there_is_a_layer() -> None:
    assert len(MODULES) >= 9
    assert len(layer_files()) > 90


@layer
def test_a_file_can_be_read_in_one_go(path: Path) -> None:
    """Migrations are read from top to bottom, once; the kernel again and again."""
    short = path.is_relative_to(KERNEL) and path.parent.name != "versions"
    assert lines(path) <= (250 if short else 400)


@layer
def test_a_file_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(parsed(path)) or lines(path) == 0


def public_definitions(path: Path) -> list[ast.FunctionDef | ast.ClassDef]:
    """The functions and classes of a file that others may use, and the methods of those classes."""
    found: list[ast.FunctionDef | ast.ClassDef] = []
    for node in parsed(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            found.append(node)
            if isinstance(node, ast.ClassDef):
                found += [
                    inner
                    for inner in node.body
                    if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_")
                ]
    return found


@pytest.mark.parametrize(
    "path", [path for path in layer_files() if "migrations/versions" not in path.as_posix()], ids=named
)
def test_every_public_name_is_explained(path: Path) -> None:
    inherited = {"headers", "code", "import_dbapi", "do_ping"}  # explained where they are first defined
    mute = [node.name for node in public_definitions(path) if not ast.get_docstring(node)]
    assert [name for name in mute if name not in inherited] == []


@pytest.mark.parametrize("path", [path for path in layer_files() if not path.is_relative_to(KERNEL)], ids=named)
def test_a_module_imports_another_only_through_its_public_face(path: Path) -> None:
    own = path.relative_to(LAYER).parts[0]
    for line, module, name in imports(path):
        parts = module.split(".")
        if parts[0] != "bigledger" or parts[1:2] in ([own], ["kernel"], []):
            continue
        place = f"{named(path)}:{line}"
        assert len(parts) == 2, f"{place} reaches into {module}; import from bigledger.{parts[1]}"
        assert name in exported(parts[1]), f"{place} imports {name}, which bigledger.{parts[1]} does not export"


@pytest.mark.parametrize("path", sorted(KERNEL.rglob("*.py")), ids=named)
def test_the_kernel_knows_no_module(path: Path) -> None:
    for line, module, _ in imports(path):
        parts = module.split(".")
        assert parts[0] != "bigledger" or parts[1:2] == ["kernel"], f"{named(path)}:{line} imports {module}"


@pytest.mark.parametrize("path", function_files(), ids=named)
def test_a_function_imports_only_public_faces(path: Path) -> None:
    for line, module, name in imports(path):
        parts = module.split(".")
        if parts[0] != "bigledger" or parts[1] == "kernel":
            continue
        place = f"{named(path)}:{line}"
        assert len(parts) == 2, f"{place} reaches into {module}; import from bigledger.{parts[1]}"
        assert name in exported(parts[1]), f"{place} imports {name}, which bigledger.{parts[1]} does not export"


@pytest.mark.parametrize("module", MODULES)
def test_the_public_face_exports_what_it_imports_and_no_more(module: str) -> None:
    path = LAYER / module / "__init__.py"
    assert {name for _, _, name in imports(path)} == exported(module)


FLOATS_ALLOWED = {
    "kernel/conditions.py": "the engine of conditions compares doubles; exactly, as it explains",
    "kernel/observability.py": "milliseconds of a request",
    "kernel/pipeline.py": "seconds between two attempts",
    "kernel/subscriber.py": "seconds between two attempts",
    "kernel/tenants.py": "seconds between two attempts",
    "kernel/wire.py": "refuses floats",
    "platform/user_pool.py": "the seconds a token is valid, as RFC 7519 has them",
}
"""Where a float may stand in the layer, and for what. None of it is money, a quantity or a rate."""


@layer
def test_no_float_comes_near_money(path: Path) -> None:
    found = [
        node.lineno
        for node in ast.walk(parsed(path))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]
    place = path.relative_to(LAYER).as_posix()
    if place in FLOATS_ALLOWED:
        assert found, f"{place} needs no exception any more"
    else:
        assert found == [], f"{place} has floats in these lines; use Decimal"


CLOCKS = {
    *["datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"],
    *["uuid1", "uuid4", "uuid.uuid1", "uuid.uuid4", "random.random", "secrets.randbits", "os.urandom"],
    *["secrets.token_bytes", "secrets.token_hex", "secrets.token_urlsafe", "random.randint", "random.choice"],
}
"""Where times, ids and chance come from elsewhere; here they come from the context."""


@pytest.mark.parametrize("path", [*layer_files(), *function_files()], ids=named)
def test_times_and_ids_come_from_the_clock(path: Path) -> None:
    if path == KERNEL / "clock.py":
        return
    found = [
        f"{named(path)}:{node.lineno} {dotted(node)}"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute | ast.Name)
        and (dotted(node) in CLOCKS or ".".join(dotted(node).split(".")[-2:]) in CLOCKS)
    ]
    assert found == []


@pytest.mark.parametrize("path", [*layer_files(), *function_files()], ids=named)
def test_nothing_is_left_for_later_and_nothing_is_swallowed(path: Path) -> None:
    text = path.read_text()
    assert [word for word in ("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK") if word in text] == []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ExceptHandler):
            silent = all(isinstance(inner, ast.Pass | ast.Continue) for inner in node.body)
            assert not silent, f"{named(path)}:{node.lineno} swallows what went wrong"
        if isinstance(node, ast.Raise) and node.exc is not None:
            assert dotted(node.exc) != "NotImplementedError", f"{named(path)}:{node.lineno} is a stub"
