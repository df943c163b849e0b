"""The shared layer: files one can read, modules that meet only at their public face, exact money, one clock."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

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

Faults = list[str]
"""Each with its place and what to do. A check holds when there are none."""


def test_there_is_a_layer() -> None:
    assert len(MODULES) >= 9
    assert len(layer_files()) > 90


def test_a_file_can_be_read_in_one_go() -> None:
    """Migrations are read from top to bottom, once; the kernel again and again."""
    faults: Faults = []
    for path in layer_files():
        limit = 250 if path.is_relative_to(KERNEL) and path.parent.name != "versions" else 400
        if lines(path) > limit:
            faults.append(f"{named(path)} has {lines(path)} lines; split it, {limit} are enough")
    assert faults == []


def test_a_file_says_what_it_is_for() -> None:
    assert [named(path) for path in layer_files() if lines(path) and not ast.get_docstring(parsed(path))] == []


def public_definitions(path: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.ClassDef]]:
    """The functions and classes of a file that others may use, and the methods of those classes."""
    for node in parsed(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
            for inner in node.body if isinstance(node, ast.ClassDef) else []:
                if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_"):
                    yield f"{node.name}.{inner.name}", inner


INHERITED = {"headers"}
"""Methods that are explained where they are first defined."""


def test_every_public_name_is_explained() -> None:
    mute = [
        f"{named(path)} {name}"
        for path in layer_files()
        if path.parent.name != "versions"
        for name, node in public_definitions(path)
        if not ast.get_docstring(node) and node.name not in INHERITED
    ]
    assert mute == []


def reaching_in(path: Path, own: Iterable[str], rules: bool = False) -> Iterator[str]:
    """What a file imports of other modules beside their public face.

    With ``rules`` it may import a module's file as a whole: ``from bigledger.receivables import invoicing``.
    """
    for line, module, name in imports(path):
        parts = module.split(".")
        if parts[0] != "bigledger" or not parts[1:] or parts[1] in own:
            continue
        if len(parts) > 2:
            yield f"{named(path)}:{line} reaches into {module}; import from bigledger.{parts[1]}"
        elif name not in exported(parts[1]) and not (rules and (LAYER / parts[1] / f"{name}.py").is_file()):
            yield f"{named(path)}:{line} imports {name}, which bigledger.{parts[1]} does not export"


def test_a_module_imports_another_only_through_its_public_face() -> None:
    faults = [
        fault
        for path in layer_files()
        if not path.is_relative_to(KERNEL)
        for fault in reaching_in(path, own=("kernel", path.relative_to(LAYER).parts[0]))
    ]
    assert faults == []


def test_a_function_imports_only_public_faces() -> None:
    assert [fault for path in function_files() for fault in reaching_in(path, own=("kernel",), rules=True)] == []


def test_the_kernel_knows_no_module() -> None:
    faults = [
        f"{named(path)}:{line} imports {module}"
        for path in sorted(KERNEL.rglob("*.py"))
        for line, module, name in imports(path)
        if module.split(".")[0] == "bigledger" and module.split(".")[1:2] != ["kernel"] and name != "__version__"
    ]
    assert faults == []


MECHANICS = {"typing", "bigledger.kernel.faces"}
"""What a face is made with."""


def test_the_public_face_exports_what_it_imports_and_no_more() -> None:
    for module in MODULES:
        offered = {name for _, of, name in imports(LAYER / module / "__init__.py") if of not in MECHANICS}
        assert offered == exported(module), module


FLOATS_ALLOWED = {
    "exports/service.py": "seconds to wait",
    "imports/workbook.py": "what spreadsheets keep, taken as the 15 digits that they show",
    "kernel/conditions.py": "the engine of conditions compares doubles; exactly, as it explains",
    "kernel/data_api_limits.py": "the fields of the Data API's own floating-point types",
    "kernel/observability.py": "milliseconds of a request",
    "kernel/pipeline.py": "seconds between two attempts",
    "kernel/transactions.py": "seconds between two attempts",
    "kernel/wire.py": "refuses floats",
    "reporting/printing/invoice_file.py": "places and sizes on a page, in points",
    "reporting/printing/pdf_file.py": "places and sizes on a page, in points",
    "platform/user_pool.py": "the seconds a token is valid, as RFC 7519 has them",
}
"""Where a float may stand in the layer, and for what. None of it is money, a quantity or a rate."""


def floats(path: Path) -> list[int]:
    """The lines with a float in them, written out or named."""
    return [
        node.lineno
        for node in ast.walk(parsed(path))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]


def test_no_float_comes_near_money() -> None:
    found = {path.relative_to(LAYER).as_posix(): floats(path) for path in layer_files()}
    assert {place: at for place, at in found.items() if at and place not in FLOATS_ALLOWED} == {}, "use Decimal"
    assert [place for place in FLOATS_ALLOWED if not found.get(place)] == [], "these need no exception any more"
    assert {named(path): floats(path) for path in function_files() if floats(path)} == {}


CLOCKS = {
    *["datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"],
    *["uuid1", "uuid4", "uuid.uuid1", "uuid.uuid4", "random.random", "secrets.randbits", "os.urandom"],
    *["secrets.token_bytes", "secrets.token_hex", "secrets.token_urlsafe", "random.randint", "random.choice"],
}
"""Where times, ids and chance come from elsewhere; here they come from the context."""


def test_times_and_ids_come_from_the_clock() -> None:
    faults = [
        f"{named(path)}:{node.lineno} {dotted(node)}"
        for path in [*layer_files(), *function_files()]
        if path != KERNEL / "clock.py"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute | ast.Name) and ".".join(dotted(node).split(".")[-2:]) in CLOCKS
    ]
    assert faults == []
    assert "time.time_ns" in {dotted(node) for node in ast.walk(parsed(KERNEL / "clock.py"))}


def test_nothing_is_left_for_later_and_nothing_is_swallowed() -> None:
    faults: Faults = []
    for path in [*layer_files(), *function_files()]:
        text = path.read_text()
        faults += [f"{named(path)}: {word}" for word in ("TO" + "DO", "FIX" + "ME", "XX" + "X") if word in text]
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ExceptHandler) and all(
                isinstance(inner, ast.Pass | ast.Continue) for inner in node.body
            ):
                faults.append(f"{named(path)}:{node.lineno} swallows what went wrong")
            if isinstance(node, ast.Raise) and node.exc is not None and "NotImplementedError" in ast.dump(node.exc):
                faults.append(f"{named(path)}:{node.lineno} is a stub")
    assert faults == []
