"""The ``example`` fixture: a test's request, its answer and its events become the published examples.

A test marked ``example`` calls its operation through it. In a normal run what is seen is held against the committed
files; ``--record`` rewrites them, and ``--record-into FOLDER`` writes them there (as ``bigledger generate`` does).
It calls with the fixture ``example_api``, a client with ``call(name, body=, path=, query=, headers=)``, which
answers a response with ``status``, ``headers`` and ``json``, and with ``events(type)``, the envelopes so far.
"""

import difflib
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from bigledger.kernel import Operation
from devtools.generate.discover import load
from devtools.generate.recorded import EVENTS, EXAMPLES, OWNERS, as_json, event_payload

LARGEST = 64 * 1024
"""The largest example, in characters; of a larger answer a test names the members to ``keep``."""

_ADVICE = "If the change is meant, run `make generate` and commit what it prints."


class Recorder:
    """What a run has seen, and the files it is held against (without a target) or written to."""

    def __init__(self, root: Path, target: Path | None) -> None:
        self._root = root
        self._target = target
        owners = (target or root) / OWNERS
        self._owners: dict[str, str] = json.loads(owners.read_text()) if owners.is_file() else {}
        self._makers: dict[str, str] = {}
        self._best: dict[str, tuple[bool, str, str]] = {}
        self._ran: set[str] = set()

    def answer(self, test: str, name: str, seen: Mapping[str, Any]) -> None:
        """Take a request with its answer."""
        path, text = f"{EXAMPLES}/{name}.json", as_json(seen)
        if len(text) > LARGEST:
            pytest.fail(f"{path} would have {len(text)} characters; say which members of the answer to keep=")
        if path in self._makers:
            pytest.fail(f"{path} is made by {self._makers[path]} already; an outcome has one example")
        self._makers[path] = test
        self._take(path, text)

    def events(self, test: str, envelopes: list[dict[str, Any]]) -> None:
        """Take the events a test has caused: the first of each type and version."""
        self._ran.add(test)
        found: dict[str, dict[str, Any]] = {}
        for envelope in envelopes:
            found.setdefault(f"{envelope['type']}.v{envelope['version']}", envelope)
        for name, envelope in found.items():
            owner, text = self._owners.get(name), as_json(event_payload(envelope))
            if self._target is None and owner is None:
                pytest.fail(f"there is no example of the event {name} yet. {_ADVICE}")
            if owner == test:
                self._take(f"{EVENTS}/{name}.json", text)
            # Best is the example in the test of the very operation that caused the event.
            module, _, operation = str(envelope.get("operation", "")).partition(".")
            foreign = f"{module}/test_{operation}.py" not in test
            best = self._best.get(name)
            if owner == test or best is None or (best[1] != owner and foreign < best[0]):
                self._best[name] = (foreign, test, text)

    def finish(self) -> None:
        """Choose the example of each event that had none, or whose test does not cause it any more."""
        if self._target is None:
            return
        alone = self._target != self._root  # then every example test was run, and what was not seen is gone
        owners = {} if alone else dict(self._owners)
        for name, (_, test, text) in self._best.items():
            owner = self._owners.get(name)
            if owner is None or owner in self._ran or alone:
                owners[name] = test
                self._take(f"{EVENTS}/{name}.json", text)
        self._take(OWNERS, as_json(dict(sorted(owners.items()))))

    def _take(self, path: str, text: str) -> None:
        """Write a file, or hold it against the committed one."""
        if self._target is not None:
            file = self._target / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            return
        committed = self._root / path
        if not committed.is_file():
            pytest.fail(f"{path} is not there yet. {_ADVICE}")
        before = committed.read_text()
        if before != text:
            lines = difflib.unified_diff(before.splitlines(), text.splitlines(), "committed", "seen now", lineterm="")
            pytest.fail(f"{path} is not what was seen. {_ADVICE}\n" + "\n".join(lines))


_RECORDER = pytest.StashKey[Recorder]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of recording."""
    group = parser.getgroup("bigledger")
    group.addoption("--record", action="store_true", help="rewrite the committed examples instead of checking them")
    group.addoption("--record-into", metavar="FOLDER", help="write the examples of all example tests to this folder")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to record with several processes, whose files would depend on which was faster."""
    into = config.getoption("--record-into")
    target = Path(into).resolve() if into else config.rootpath if config.getoption("--record") else None
    if target is not None and (hasattr(config, "workerinput") or config.getoption("numprocesses", None)):
        raise pytest.UsageError("Examples are recorded by one process: leave -n out.")
    config.stash[_RECORDER] = Recorder(config.rootpath, target)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what could only be decided at the end."""
    session.config.stash[_RECORDER].finish()


class Example:
    """Calls the operation that the test's file is named after."""

    def __init__(self, recorder: Recorder, root: Path, test: str, file: Path, api: Any) -> None:
        self._recorder = recorder
        self._root = root
        self._test = test
        self._module = file.parent.name
        self._name = file.stem.removeprefix("test_")
        self._api = api

    def __call__(
        self,
        *,
        body: Any = None,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        by: Any = None,
        keep: Collection[str] | None = None,
    ) -> Any:
        """Call the operation and record the outcome: the example of its success, or of one refusal.

        ``by`` is another client than ``example_api``; ``keep`` names the members of a large answer to record.
        """
        operation = load(self._root / "functions" / self._module / f"{self._name}.py")
        assert isinstance(operation, Operation), f"{self._name} is not called through the API"
        response = (by or self._api).call(self._name, body=body, path=path, query=query, headers=headers)
        answered = response.json
        if response.status >= 500:
            pytest.fail(f"{self._name} answered {response.status}, which is no example: {answered}")
        name = f"{self._module}.{self._name}"
        if response.status >= 400:
            name = f"{name}.{answered['code']}"
        seen = {
            "request": {
                "method": operation.method,
                "path": _filled(operation.path, path or {}, query or {}),
                "headers": dict(headers or {}),
                "body": body,
            },
            "response": {
                "status": response.status,
                "headers": dict(sorted(response.headers.items())),
                "body": answered if keep is None else {member: answered[member] for member in keep},
            },
        }
        self._recorder.answer(self._test, name, seen)
        return response


@pytest.fixture
def example_api(request: pytest.FixtureRequest) -> Any:
    """The client that examples are called with: that of a tenant that sells."""
    return request.getfixturevalue("shop").api


@pytest.fixture
def example(request: pytest.FixtureRequest, example_api: Any) -> Iterator[Example]:
    """Calls the operation under test and makes the call its published example, and its events theirs."""
    if request.node.get_closest_marker("example") is None:
        pytest.fail("a test that makes an example has to be marked with @pytest.mark.example")
    recorder = request.config.stash[_RECORDER]
    yield Example(recorder, request.config.rootpath, request.node.nodeid, request.path, example_api)
    recorder.events(request.node.nodeid, example_api.events(None))


def _filled(path: str, parameters: Mapping[str, Any], query: Mapping[str, str]) -> str:
    for name, value in parameters.items():
        path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
    return f"{path}?{urlencode(query)}" if query else path
