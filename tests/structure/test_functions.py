"""Every function, whoever calls it: one file, one name, a docstring, a test, an example, a permission, a screen."""

import ast
from pathlib import Path
from typing import Any

import pytest

from bigledger.kernel import Authorizer, Hook, Operation, Schedule, Subscriber
from bigledger.kernel.events import declared_events
from bigledger.kernel.operation import SIGNED_IN
from tests.structure.sources import ROOT, dotted, function_files, lines, named, parsed
from tests.support.api import find

PUBLIC = {"platform.get_health", "platform.get_openapi"}
"""What anyone may call without a key. Each addition is a decision about security."""

ANYONE_SIGNED_IN = {
    "platform.verify_auth",  # tells callers only of themselves
    "records.archive_record",  # these five ask for the permission of the resource, such as records.create_customer
    "records.create_record",
    "records.get_record",
    "records.list_records",
    "records.update_record",
}
"""What anyone with a valid key may call, or whose rule asks for a permission of its own."""

SCREEN = 60
"""The most lines of a function's file."""

files = pytest.mark.parametrize("path", function_files(), ids=named)


def declared(path: Path) -> Any:
    """The object that a function's file declares."""
    return find(f"{path.parent.name}.{path.stem}")


operations = pytest.mark.parametrize(
    "operation",
    [found for path in function_files() if isinstance(found := declared(path), Operation)],
    ids=lambda operation: f"{operation.module}.{operation.name}",
)


def test_there_are_functions() -> None:
    assert len(function_files()) > 40


@files
def test_file_function_and_module_have_one_name(path: Path) -> None:
    found = declared(path)
    assert isinstance(found, Operation | Subscriber | Schedule | Authorizer | Hook)
    assert (found.module, found.name) == (path.parent.name, path.stem)
    assert found.function.__name__ == path.stem


@files
def test_a_function_has_a_docstring_and_so_has_its_file(path: Path) -> None:
    assert ast.get_docstring(parsed(path)), "say in the first line of the file what it is for"
    summary = declared(path).summary
    assert summary, "say in the function's docstring what it does; its first line is the published summary"
    assert summary.endswith((".", "!", "?")), f"the summary is a sentence: {summary!r}"


@files
def test_a_function_fits_on_a_screen(path: Path) -> None:
    assert lines(path) <= SCREEN, "move the rules into the module; a function's file only declares and calls"


@files
def test_a_function_brings_no_shapes_of_its_own(path: Path) -> None:
    """Commands and answers belong to the module, where others find them."""
    assert [node.name for node in parsed(path).body if isinstance(node, ast.ClassDef)] == []


@files
def test_a_function_has_a_test_of_its_name(path: Path) -> None:
    test = ROOT / "tests" / path.parent.name / f"test_{path.stem}.py"
    assert test.is_file(), f"write {named(test)}"
    functions = [node for node in ast.walk(parsed(test)) if isinstance(node, ast.FunctionDef)]
    assert any(node.name.startswith("test_") for node in functions), f"{named(test)} has no test in it"


@operations
def test_an_operation_has_an_example(operation: Operation[Any, Any]) -> None:
    test = ROOT / "tests" / operation.module / f"test_{operation.name}.py"
    marked = [
        node.name
        for node in ast.walk(parsed(test))
        if isinstance(node, ast.FunctionDef)
        and any(dotted(mark) == "pytest.mark.example" for mark in node.decorator_list)
    ]
    assert marked, f"mark a test in {named(test)} with @pytest.mark.example; the published contract shows its call"


@operations
def test_an_operation_asks_for_the_permission_of_its_name(operation: Operation[Any, Any]) -> None:
    name = f"{operation.module}.{operation.name}"
    expected = None if name in PUBLIC else SIGNED_IN if name in ANYONE_SIGNED_IN else name
    assert operation.permission == expected


def test_the_exceptions_to_permissions_exist() -> None:
    names = {f"{path.parent.name}.{path.stem}" for path in function_files()}
    assert names >= PUBLIC | ANYONE_SIGNED_IN


@operations
def test_a_route_begins_with_the_version_of_the_api(operation: Operation[Any, Any]) -> None:
    assert operation.path.startswith("/api/v1/")
    assert operation.method in {"GET", "POST", "PUT", "PATCH", "DELETE"}


@operations
def test_only_what_writes_tells_events(operation: Operation[Any, Any]) -> None:
    assert operation.writes or not operation.emits
    assert len(set(operation.emits)) == len(operation.emits)
    assert set(operation.emits) <= set(declared_events().values())


@operations
def test_each_refusal_is_declared_once(operation: Operation[Any, Any]) -> None:
    codes = [problem.code() for problem in operation.problems]
    assert len(set(codes)) == len(codes)
    assert all(problem.title != "The request breaks a rule" for problem in operation.problems), "give it a title"


def test_no_two_operations_share_a_name_or_a_route() -> None:
    found = [declared(path) for path in function_files()]
    called = [each for each in found if isinstance(each, Operation)]
    assert len({each.name for each in called}) == len(called)
    routes = ["/".join("{}" if part.startswith("{") else part for part in each.route.split("/")) for each in called]
    assert len(set(routes)) == len(routes)
