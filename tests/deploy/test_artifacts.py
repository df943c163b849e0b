"""The checks of built layers and functions find what Lambda would suffer from."""

import compileall
from pathlib import Path
from py_compile import PycInvalidationMode

import pytest

from devtools.deploy import artifacts
from devtools.deploy.artifacts import function_faults, layer_faults, same_sources
from devtools.deploy.tree import Stack

X86_64, ARM_64 = 62, 183
"""The machine in an ELF header."""


def compiled(folder: Path, mode: PycInvalidationMode = PycInvalidationMode.UNCHECKED_HASH) -> None:
    compileall.compile_dir(folder, quiet=1, invalidation_mode=mode)


def library(machine: int) -> bytes:
    return b"\x7fELF" + bytes(14) + machine.to_bytes(2, "little") + bytes(44)


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    """A layer as it has to be."""
    package = tmp_path / "layer" / "python" / "package"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("VALUE = 1\n")
    (package / "fast.cpython-311-x86_64-linux-gnu.so").write_bytes(library(X86_64))
    compiled(tmp_path / "layer")
    return tmp_path / "layer"


def test_a_good_layer_has_no_fault(layer: Path) -> None:
    assert list(layer_faults(layer)) == []


def test_an_empty_layer_is_found(tmp_path: Path) -> None:
    assert list(layer_faults(tmp_path)) == ["holds nothing below python/, where Lambda imports from"]


def test_what_is_not_compiled_is_found(layer: Path) -> None:
    """Without .pyc files each cold start compiles everything anew."""
    (layer / "python" / "new.py").write_text("")
    assert list(layer_faults(layer)) == ["python/new.py is not compiled"]


def test_a_pyc_file_that_looks_at_its_source_is_found(layer: Path, tmp_path: Path) -> None:
    """The times in a layer are not those of the build, so such a file would count as outdated."""
    for pyc in layer.rglob("*.pyc"):
        pyc.unlink()
    compiled(layer, PycInvalidationMode.TIMESTAMP)
    assert list(layer_faults(layer)) == [
        "python/package/__init__.py is not compiled by Python 3.11 with --invalidation-mode unchecked-hash"
    ]


def test_a_pyc_file_of_another_source_is_found(layer: Path) -> None:
    """Nobody would notice in Lambda: the old code would run."""
    (layer / "python" / "package" / "__init__.py").write_text("VALUE = 2\n")
    assert list(layer_faults(layer)) == ["python/package/__init__.py was changed after it was compiled"]


def test_a_library_for_another_processor_is_found(layer: Path) -> None:
    (layer / "python" / "package" / "fast.cpython-311-x86_64-linux-gnu.so").write_bytes(library(ARM_64))
    assert list(layer_faults(layer)) == [
        "python/package/fast.cpython-311-x86_64-linux-gnu.so is not made for x86_64",
    ]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("tests/data.json", "python/package/tests holds tests"),
        ("test_something.py", "python/package/test_something.py is a test"),
        ("conftest.py", "python/package/conftest.py is a test"),
    ],
)
def test_tests_are_found(layer: Path, name: str, fault: str) -> None:
    path = layer / "python" / "package" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    compiled(layer)
    assert list(layer_faults(layer)) == [fault]


def test_a_build_that_is_older_than_its_sources_is_found(tmp_path: Path) -> None:
    for folder, text in (("built", "1"), ("bigledger", "2")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.py").write_text("0")
        (tmp_path / folder / "changed.py").write_text(text)
    (tmp_path / "bigledger" / "new.py").write_text("")
    advice = "is not what bigledger has; remove .aws-sam and build again"
    found = list(same_sources(tmp_path / "built", tmp_path / "bigledger"))
    assert found == [f"changed.py {advice}", f"new.py {advice}"]


def test_a_function_is_thin_and_holds_its_handler(tmp_path: Path) -> None:
    handler = {"Handler": "create_thing.create_thing"}
    assert list(function_faults(tmp_path, handler)) == ["has no create_thing.py, which its handler names"]
    (tmp_path / "create_thing.py").write_text("")
    assert list(function_faults(tmp_path, handler)) == []
    (tmp_path / "create_thing.py").write_text("#" * (artifacts.THIN + 1))
    (tmp_path / "__pycache__").mkdir()
    assert list(function_faults(tmp_path, handler)) == [
        "has 524,289 bytes; more than 524,288 belong into a layer",
        "__pycache__ is no source",
    ]


def built(tmp_path: Path, layer: Path) -> list[Stack]:
    (tmp_path / "function").mkdir()
    (tmp_path / "function" / "create_thing.py").write_text("")
    function = {"CodeUri": "function", "Handler": "create_thing.create_thing"}
    resources = {
        "Layer": {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": layer.name}},
        "CreateThing": {"Type": "AWS::Serverless::Function", "Properties": function},
    }
    return [Stack("Things", tmp_path / "template.yaml", {"Resources": resources})]


def test_faults_name_the_stack_and_the_resource(tmp_path: Path, layer: Path) -> None:
    stacks = built(tmp_path, layer)
    assert list(artifacts.faults(stacks, tmp_path / "bigledger")) == []
    (layer / "python" / "new.py").write_text("")
    (tmp_path / "function" / "create_thing.py").unlink()
    assert list(artifacts.faults(stacks, tmp_path / "bigledger")) == [
        "Things/Layer: python/new.py is not compiled",
        "Things/CreateThing: has no create_thing.py, which its handler names",
    ]


def test_what_lambda_takes_unpacked_is_counted_with_all_layers(
    tmp_path: Path, layer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stacks = built(tmp_path, layer)
    size = artifacts.measured("", layer).size
    monkeypatch.setattr(artifacts, "UNPACKED", size - 1)
    assert list(artifacts.faults(stacks, tmp_path / "bigledger")) == [
        f"the layers and the largest function have {size:,} bytes; Lambda takes {size - 1:,}"
    ]
    assert artifacts.UNPACKED != 250 * 1024 * 1024
    monkeypatch.undo()
    assert artifacts.UNPACKED == 262_144_000
