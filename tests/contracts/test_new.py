"""``bigledger new``: three files that work as they are, and what it refuses to make."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.generate.discover import ROOT
from devtools.new import CannotScaffold, main, planned, scaffold
from tests.contracts.tree import Tree

SKIPPED = shutil.ignore_patterns("__pycache__", "*dispute_invoice*")
"""Not copied; somebody who tries the recipe has its files."""

RECIPE = re.compile(r"```python\n# (\S+)\n(.*?)```", re.DOTALL)
"""The files of the recipe, by their paths."""


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A project with one module and no operation."""
    tree = Tree(tmp_path)
    tree.write("layers/bigledger/bigledger/receivables/__init__.py", "")
    tree.write("layers/bigledger/bigledger/kernel/__init__.py", "")
    return tree


@pytest.mark.parametrize(
    ("name", "route"),
    [
        ("create_credit_note", "POST /api/v1/credit-notes"),
        ("list_credit_notes", "GET /api/v1/credit-notes"),
        ("get_delivery", "GET /api/v1/deliveries/{id}"),
        ("update_box", "PATCH /api/v1/boxes/{id}"),
        ("dispute_invoice", "POST /api/v1/invoices/{id}/dispute"),
    ],
)
def test_a_route_is_made_from_the_name(name: str, route: str) -> None:
    plan = planned(f"receivables.{name}", None)
    assert f"{plan.method} {plan.path}" == route


def test_it_makes_three_files_and_says_what_comes_next(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    assert main("receivables.dispute_invoice", "POST /api/v1/invoices/{id}/dispatch", tree.root) == 0
    made = sorted(path.relative_to(tree.root).as_posix() for path in tree.root.rglob("*_invoice.py"))
    assert made == [
        "functions/receivables/dispute_invoice.py",
        "layers/bigledger/bigledger/receivables/dispute_invoice.py",
        "tests/receivables/test_dispute_invoice.py",
    ]
    function = (tree.root / "functions/receivables/dispute_invoice.py").read_text()
    assert '@operation("POST /api/v1/invoices/{id}/dispatch")\ndef dispute_invoice(' in function
    told = capsys.readouterr().out
    assert all(path in told for path in made)
    assert "make generate" in told


@pytest.mark.parametrize("existing", ["layers/bigledger/bigledger", "functions", "tests"])
def test_it_overwrites_nothing(tree: Tree, existing: str) -> None:
    name = "test_dispute_invoice" if existing == "tests" else "dispute_invoice"
    path = f"{existing}/receivables/{name}.py"
    tree.write(path, "# mine\n")
    with pytest.raises(CannotScaffold) as refusal:
        scaffold("receivables.dispute_invoice", None, tree.root)
    assert str(refusal.value) == f"{path} is there already; nothing was made. Choose another name."
    assert (tree.root / path).read_text() == "# mine\n"
    assert [found.relative_to(tree.root).as_posix() for found in tree.root.rglob("*dispute_invoice.py")] == [path]


def test_a_name_that_another_module_has_is_refused(tree: Tree) -> None:
    tree.write("functions/sales/dispute_invoice.py", "")
    with pytest.raises(CannotScaffold) as refusal:
        scaffold("receivables.dispute_invoice", None, tree.root)
    assert str(refusal.value).startswith("functions/sales/dispute_invoice.py is there already")


@pytest.mark.parametrize(
    ("name", "route", "told"),
    [
        ("sales.dispute_invoice", None, "There is no module sales; there are receivables."),
        ("kernel.dispute_invoice", None, "There is no module kernel; there are receivables."),
        ("dispute_invoice", None, "dispute_invoice is no operation's name; write <module>.<verb>_<noun>"),
        ("receivables.send", None, "receivables.send is no operation's name"),
        ("receivables.DisputeInvoice", None, "receivables.DisputeInvoice is no operation's name"),
        ("receivables.dispute_invoice", "send", '"send" is no route'),
        ("receivables.dispute_invoice", "POST /api/v1/{kind}/{id}", "has other parameters than {id}"),
        ("receivables.dispute_invoice", "PATCH /api/v1/invoices", "name it in the route with {id}"),
    ],
)
def test_what_cannot_be_made_is_refused(tree: Tree, name: str, route: str | None, told: str) -> None:
    with pytest.raises(CannotScaffold) as refusal:
        scaffold(name, route, tree.root)
    assert told in str(refusal.value)
    assert not (tree.root / "functions").exists()


def test_what_it_makes_works_as_it_is_and_as_the_recipe_fills_it_in(tmp_path: Path) -> None:
    """Each shape, and the recipe of the documentation, made in a copy of this project.

    Their tests pass, their examples are recorded, and they keep the rules of style.
    """
    for part in ("layers/bigledger", "functions", "devtools", "tests/support"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=SKIPPED)
    for file in ("pyproject.toml", "tests/__init__.py", "tests/conftest.py"):
        shutil.copy(ROOT / file, tmp_path / file)
    made = []
    for name in ("send_postcard", "get_postcard", "update_postcard", "create_postcard", "list_postcards"):
        made += scaffold(f"receivables.{name}", None, tmp_path)
    recipe = scaffold("receivables.dispute_invoice", "POST /api/v1/invoices/{id}/dispute", tmp_path)
    filled_in = dict(RECIPE.findall((ROOT / "docs/adding-an-operation.md").read_text()))
    assert list(filled_in) == recipe
    for path, text in filled_in.items():
        (tmp_path / path).write_text(text)
    for command in (["check", "--no-cache"], ["format", "--no-cache", "--check"]):
        style = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *made, *recipe], cwd=tmp_path, capture_output=True
        )
        assert style.returncode == 0, style.stdout.decode()
    folders = [tmp_path, tmp_path / "layers/bigledger", tmp_path / "applets/sdk"]
    tests = [path for path in made + recipe if path.startswith("tests/")]
    options = ["-q", "--color=no", "-p", "no:cacheprovider", "-p", "tests.support.example_plugin", "--record"]
    outcome = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *tests],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout
    assert "12 passed" in outcome.stdout
    assert sorted(path.name for path in (tmp_path / "docs/examples").glob("receivables.*")) == [
        "receivables.create_postcard.json",
        "receivables.dispute_invoice.json",
        "receivables.get_postcard.json",
        "receivables.list_postcards.json",
        "receivables.send_postcard.json",
        "receivables.update_postcard.json",
    ]
    assert (tmp_path / "events/invoice.disputed.v1.json").is_file()
