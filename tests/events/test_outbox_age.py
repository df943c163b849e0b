"""What waits to be published is measured by each run of the relay: an alarm watches how long."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bigledger.kernel import relay, runtime
from bigledger.kernel.clock import seeded_clock
from tests.conftest import START
from tests.events.bus import Bus, customer
from tests.support.api import Api


class Closed:
    """A bus that takes nothing."""

    def put_events(self, Entries: list[Any]) -> Any:  # noqa: N803 - as boto3 names it
        return {"Entries": [{"ErrorMessage": "closed"} for _ in Entries]}


def measured(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, after: timedelta) -> dict[str, Any]:
    """What the relay measures when it runs so long after the start of the test."""
    monkeypatch.setattr(runtime, "clock", seeded_clock(1, START + after))
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "false")
    capsys.readouterr()
    relay.relay()
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "OutboxAge" in line]
    (told,) = metrics
    (described,) = told["_aws"]["CloudWatchMetrics"]
    assert (described["Namespace"], described["Dimensions"]) == ("BigLedger", [["service"]])
    assert {one["Name"]: one["Unit"] for one in described["Metrics"]} == {
        "OutboxAge": "Seconds",
        "OutboxWaiting": "Count",
    }
    return {name: told[name] for name in ("service", "OutboxAge", "OutboxWaiting")}


def test_the_oldest_event_that_waits_gives_the_age(
    bus: Bus, api: Api, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as closed:
        closed.setattr(relay, "_client", lambda name: Closed())
        customer(api, "C1")
        customer(api, "C2")
        told = measured(capsys, monkeypatch, timedelta(minutes=10, seconds=1))
    assert told == {"service": "bigledger", "OutboxAge": [600.0], "OutboxWaiting": [2.0]}


def test_an_empty_outbox_has_no_age(
    bus: Bus, api: Api, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    customer(api, "C1")
    told = measured(capsys, monkeypatch, timedelta(minutes=10))
    assert told == {"service": "bigledger", "OutboxAge": [0.0], "OutboxWaiting": [0.0]}
