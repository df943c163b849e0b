"""Scheduled functions run by their rates, in processes that know no more of the database than their templates say."""

import socket
import threading
import time
from pathlib import Path

import pytest

from devtools.local.cloudformation import TemplateError
from devtools.local.functions import Functions
from devtools.local.processes import processes
from devtools.local.scheduler import period_of, run
from devtools.local.templates import Deployment, Function, Route, Subscription, Timer

APPLICATION = {"DATABASE_URL": "postgresql://application"}
DISPATCHER = {"DATABASE_URL": "", "DISPATCHER_DATABASE_URL": "postgresql://dispatcher"}
BOTH = {**APPLICATION, "DISPATCHER_DATABASE_URL": "postgresql://dispatcher"}


@pytest.mark.parametrize(
    ("expression", "seconds"), [("rate(1 minute)", 60), ("rate(5 minutes)", 300), ("rate(2 hours)", 7200)]
)
def test_a_rate_is_a_period(expression: str, seconds: int) -> None:
    assert period_of(expression) == seconds


@pytest.mark.parametrize("expression", ["cron(0 12 * * ? *)", "rate(0 minutes)", "rate(1 fortnight)", ""])
def test_what_is_no_rate_is_told(expression: str) -> None:
    with pytest.raises(TemplateError, match="The local cloud runs rates"):
        period_of(expression)


def test_processes_are_divided_by_what_calls_functions_and_by_database_role() -> None:
    def function(name: str, environment: dict[str, str]) -> Function:
        return Function(name, "/folder", f"{name}.{name}", 128, 3, environment)

    environments = {
        "b-get": APPLICATION,
        "b-authorize_request": APPLICATION,
        "b-on": APPLICATION,
        "b-relay_events": DISPATCHER,
        "b-sweep": BOTH,
        "b-count": DISPATCHER,
        "b-close": APPLICATION,
    }
    deployment = Deployment(
        functions={name: function(name, environment) for name, environment in environments.items()},
        routes=[Route("GET /", "b-get", True)],
        subscriptions=[Subscription("q", "b-on", 10, True)],
        timers=[Timer("rate(1 minute)", name) for name in ("b-relay_events", "b-sweep", "b-count", "b-close")],
        authorizer="b-authorize_request",
    )
    found = list(processes(deployment, "file", "faults", ["--port", "1"], 9))
    assert [(one.name, one.command, one.functions) for one in found] == [
        ("gateway", ["gateway_server", "file", "--port", "1"], ["b-get", "b-authorize_request"]),
        ("subscribers", ["poller", "file", "--faults", "faults"], ["b-on"]),
        ("relay", ["scheduler", "file", "--port", "9", "b-relay_events"], ["b-relay_events"]),
        ("schedules-application-dispatcher", ["scheduler", "file", "b-sweep"], ["b-sweep"]),
        ("schedules-dispatcher", ["scheduler", "file", "b-count"], ["b-count"]),
        ("schedules-application", ["scheduler", "file", "b-close"], ["b-close"]),
    ]


COUNTING = """
calls = []


def relay_events(event, context):
    calls.append((event["detail-type"], event["source"]))
    if len(calls) == 1:
        raise RuntimeError("the first time")
"""


def test_the_relay_runs_when_it_is_called_and_goes_on_after_a_failure(tmp_path: Path) -> None:
    folder = tmp_path / "functions" / "counting"
    folder.mkdir(parents=True)
    (folder / "relay_events.py").write_text(COUNTING)
    functions = Functions(
        {"b-relay_events": Function("b-relay_events", str(folder), "relay_events.relay_events", 128, 3, {})}
    )
    calls = functions.handler("b-relay_events").__globals__["calls"]
    stopped = threading.Event()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wake,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as us,
    ):
        wake.bind(("127.0.0.1", 0))
        timers = [Timer("rate(1 minute)", "b-relay_events")]
        thread = threading.Thread(target=run, args=(functions, timers, wake, stopped))
        thread.start()
        try:
            deadline = time.monotonic() + 20
            while len(calls) < 5 and time.monotonic() < deadline:
                us.sendto(b"events", wake.getsockname())
                time.sleep(0.01)
        finally:
            stopped.set()
            thread.join()
    assert len(calls) >= 5
    assert set(calls) == {("Scheduled Event", "aws.events")}
