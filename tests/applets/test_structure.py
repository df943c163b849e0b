"""Applets stand apart: they have the events and the API, and nothing of the core."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bigledger_applet import read_manifest

APPLETS = Path(__file__).resolve().parents[2] / "applets"
SOURCES = sorted(APPLETS.rglob("*.py"))
EACH = sorted(path.parent for path in APPLETS.glob("*/applet.yaml"))


def imported(source: str) -> Iterator[str]:
    """The top-level packages that a source names in its imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            yield (node.module or "").partition(".")[0]


def test_the_probe_finds_an_import_of_the_core() -> None:
    source = (
        "def f():\n    from bigledger.kernel import money\n    import bigledger_applet.api\nimport functions.tax as t"
    )
    assert sorted(imported(source)) == ["bigledger", "bigledger_applet", "functions"]


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(APPLETS)) for path in SOURCES])
def test_applets_import_nothing_of_the_core(path: Path) -> None:
    assert set(imported(path.read_text())) & {"bigledger", "functions", "devtools", "tests"} == set()


def test_the_kit_loads_alone_and_without_the_libraries_that_are_slow_to_import() -> None:
    program = (
        "import sys, bigledger_applet; slow = {'bigledger', 'boto3', 'botocore', 'requests'};"
        "print(sorted(slow & {name.partition('.')[0] for name in sys.modules}))"
    )
    environment = {**os.environ, "PYTHONPATH": str(APPLETS / "sdk")}
    found = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


@pytest.mark.parametrize("folder", EACH, ids=[folder.name for folder in EACH])
def test_an_applet_is_an_application_of_its_own(folder: Path) -> None:
    assert read_manifest(folder / "applet.yaml").id.endswith(f".{folder.name}")
    assert [name for name in ("app.py", "template.yaml", "README.md") if not (folder / name).is_file()] == []


def test_there_are_applets_and_sources() -> None:
    assert [folder.name for folder in EACH] == ["custom_approval"]
    assert APPLETS / "sdk" / "bigledger_applet" / "client.py" in SOURCES
