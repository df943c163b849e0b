"""What the example fixture records, and how it holds later runs against it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from devtools.generate.discover import ROOT
from devtools.generate.recorded import envelope_of
from tests.contracts.tree import VOID_THING, Tree
from tests.support.example_plugin import LARGEST, Recorder

CONFTEST = """
import pytest


class Response:
    def __init__(self, status, json):
        self.status, self.json, self.headers = status, json, {"X-Request-Id": "request-1", "Content-Type": "x"}


class Api:
    def __init__(self):
        self.seen = []

    def call(self, operation, body=None, *, path=None, query=None, headers=None):
        if path["id"] == "NONE":
            return Response(404, {"code": "not_found"})
        self.seen.append({"type": "thing.voided", "version": 1, "id": path["id"], "source": "bigledger.things",
                          "time": "2026-11-23T09:00:00Z", "reason": body["reason"]})
        return Response(200, {"id": path["id"], "reason": body["reason"]})

    def events(self, type):
        return [event for event in self.seen if type in (None, event["type"])]


@pytest.fixture
def example_api():
    return Api()
"""

TEST = """
import pytest


@pytest.mark.example
def test_example(example):
    answer = example(path={"id": "T 1"}, body={"reason": "broken"}, headers={"If-Match": "*"})
    assert answer.status == 200


@pytest.mark.example
def test_an_unknown_one(example):
    assert example(path={"id": "NONE"}, body={"reason": "broken"}).status == 404
"""

CONFIGURATION = "[pytest]\nmarkers =\n    example\naddopts = --import-mode=importlib\n"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A project of its own with one operation and its example test."""
    tree = Tree(tmp_path)
    tree.function("things", "void_thing", VOID_THING, tested=False)
    tree.write("pytest.ini", CONFIGURATION)
    tree.write("checks/conftest.py", CONFTEST)
    tree.write("checks/things/test_void_thing.py", TEST)
    return tree


def run(tree: Tree, *options: str) -> "subprocess.CompletedProcess[str]":
    """Run the project's tests with the plugin."""
    command = [sys.executable, "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider"]
    command += ["-p", "tests.support.example_plugin", "-p", "no:xdist", *options]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'layers/bigledger'}"}
    return subprocess.run(command, cwd=tree.root, env=environment, capture_output=True, text=True, check=False)


def read(tree: Tree, path: str) -> Any:
    """A recorded file."""
    return json.loads((tree.root / path).read_text())


SEEN = {"request": {"method": "GET"}, "response": {"status": 200}}
FAILED = pytest.fail.Exception


def voided(reason: str, operation: str = "things.void_thing") -> dict[str, Any]:
    """An event's envelope."""
    return {
        "operation": operation,
        "type": "thing.voided",
        "version": 1,
        "id": "1",
        "source": "bigledger.things",
        "time": "2026-11-23T09:00:00Z",
        "reason": reason,
    }


def recorded(root: Path, **tests: str) -> None:
    """Record a run in which each test caused one event."""
    recorder = Recorder(root, root)
    for test, reason in tests.items():
        recorder.events(test, [voided(reason)])
    recorder.finish()


def reason_of(root: Path) -> Any:
    """What the example of the event says."""
    return envelope_of(json.loads((root / "events/thing.voided.v1.json").read_text()))["reason"]


def test_recording_keeps_the_request_its_answer_its_refusals_and_its_events(tree: Tree) -> None:
    assert run(tree, "--record").returncode == 0
    assert read(tree, "docs/examples/things.void_thing.json") == {
        "request": {
            "method": "POST",
            "path": "/api/v1/things/T%201/void",
            "headers": {"If-Match": "*"},
            "body": {"reason": "broken"},
        },
        "response": {
            "status": 200,
            "headers": {"Content-Type": "x", "X-Request-Id": "request-1"},
            "body": {"id": "T 1", "reason": "broken"},
        },
    }
    assert read(tree, "docs/examples/things.void_thing.not_found.json")["response"]["status"] == 404
    payload = read(tree, "events/thing.voided.v1.json")
    (record,) = payload["Records"]
    assert record["eventSource"] == "aws:sqs"
    assert json.loads(record["body"])["detail-type"] == "thing.voided"
    assert envelope_of(payload)["reason"] == "broken"
    assert read(tree, "docs/examples/events.json") == {
        "thing.voided.v1": "checks/things/test_void_thing.py::test_example"
    }
    # a later run sees the same and writes nothing
    kept = {path: path.read_bytes() for path in tree.root.rglob("*.json")}
    assert run(tree).returncode == 0
    assert {path: path.read_bytes() for path in tree.root.rglob("*.json")} == kept


def test_recording_into_a_folder_leaves_the_project_alone(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("recorded")
    assert run(tree, f"--record-into={folder}").returncode == 0
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.json")) == [
        "docs/examples/events.json",
        "docs/examples/things.void_thing.json",
        "docs/examples/things.void_thing.not_found.json",
        "events/thing.voided.v1.json",
    ]
    assert not list(tree.root.rglob("*.json"))


def test_what_is_no_good_example_is_refused(tree: Tree) -> None:
    tree.write("checks/unmarked/test_void_thing.py", TEST.replace("@pytest.mark.example\n", ""))
    tree.write("checks/conftest.py", CONFTEST.replace("Response(404", "Response(500"))
    outcome = run(tree, "--record")
    assert outcome.returncode == 1
    assert "void_thing answered 500, which is no example" in outcome.stdout
    assert "has to be marked with @pytest.mark.example" in outcome.stdout
    assert not (tree.root / "docs/examples/things.void_thing.not_found.json").exists()


def test_an_answer_that_differs_from_its_example_fails_with_the_difference(tmp_path: Path) -> None:
    Recorder(tmp_path, tmp_path).answer("a test", "things.get_thing", SEEN)
    Recorder(tmp_path, None).answer("a test", "things.get_thing", SEEN)
    with pytest.raises(FAILED) as failure:
        Recorder(tmp_path, None).answer("a test", "things.get_thing", {**SEEN, "response": {"status": 201}})
    assert (
        "docs/examples/things.get_thing.json is not what was seen. If the change is meant, run `make generate`"
        in str(failure.value)
    )
    assert '-    "status": 200' in str(failure.value)
    assert '+    "status": 201' in str(failure.value)


def test_an_event_that_differs_from_its_example_fails_in_the_test_it_was_taken_from(tmp_path: Path) -> None:
    recorded(tmp_path, first="broken", second="lost")
    Recorder(tmp_path, None).events("second", [voided("anything")])
    with pytest.raises(FAILED) as failure:
        Recorder(tmp_path, None).events("first", [voided("anything")])
    assert "events/thing.voided.v1.json is not what was seen." in str(failure.value)


def test_what_was_never_recorded_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FAILED) as failure:
        Recorder(tmp_path, None).answer("a test", "things.get_thing", SEEN)
    assert str(failure.value).startswith("docs/examples/things.get_thing.json is not there yet. If the change is meant")
    with pytest.raises(FAILED) as failure:
        Recorder(tmp_path, None).events("a test", [voided("broken")])
    assert str(failure.value).startswith("there is no example of the event thing.voided.v1 yet.")


def test_an_outcome_has_one_example(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, tmp_path)
    recorder.answer("a test", "things.get_thing", SEEN)
    with pytest.raises(FAILED) as failure:
        recorder.answer("another", "things.get_thing", SEEN)
    assert "things.get_thing.json is made by a test already; an outcome has one example" in str(failure.value)


def test_an_example_is_not_too_large(tmp_path: Path) -> None:
    with pytest.raises(FAILED) as failure:
        Recorder(tmp_path, tmp_path).answer("a test", "things.get_thing", {"body": "x" * LARGEST})
    assert "say which members of the answer to keep=" in str(failure.value)


def test_the_example_of_an_event_is_the_first_and_stays_with_its_test(tmp_path: Path) -> None:
    recorded(tmp_path, second="lost", third="stolen")
    assert reason_of(tmp_path) == "lost"
    recorded(tmp_path, first="broken", second="lost", third="stolen")
    assert reason_of(tmp_path) == "lost"


def test_the_test_of_the_operation_that_causes_an_event_has_its_example(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, tmp_path)
    recorder.events("tests/others/test_get_other.py::test_it", [voided("lost")])
    recorder.events("tests/things/test_void_thing.py::test_it", [voided("broken")])
    recorder.events("tests/things/test_void_thing.py::test_again", [voided("stolen")])
    recorder.finish()
    assert reason_of(tmp_path) == "broken"


def test_the_example_of_an_event_moves_when_its_test_does_not_cause_it_any_more(tmp_path: Path) -> None:
    recorded(tmp_path, first="broken", second="lost")
    recorder = Recorder(tmp_path, tmp_path)
    recorder.events("first", [])
    recorder.events("second", [voided("lost")])
    recorder.finish()
    assert reason_of(tmp_path) == "lost"
    assert json.loads((tmp_path / "docs/examples/events.json").read_text()) == {"thing.voided.v1": "second"}


def test_recording_a_part_of_the_tests_leaves_the_examples_of_the_others(tmp_path: Path) -> None:
    recorded(tmp_path, first="broken")
    recorded(tmp_path, second="lost")
    assert reason_of(tmp_path) == "broken"
