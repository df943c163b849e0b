"""What the costs are worked out from is what the system does, and the arithmetic is exact."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bigledger.kernel import Schedule
from bigledger.kernel.database import transaction
from devtools.operate import cost
from devtools.operate.cost import Line, Prices
from tests.operate.measured import Bench, Invoked, bench
from tests.support.api import FUNCTIONS, find
from tests.support.shop import Shop

MEASURED = json.loads(cost.MEASURED.read_text())
DOCUMENT = Path(__file__).parents[2] / "docs" / "operating.md"


def requests(found: dict[str, Invoked]) -> dict[str, int]:
    """How many requests to the Data API each function made."""
    return {name: invoked.requests for name, invoked in found.items()}


def followed(counted: Bench) -> tuple[dict[str, Invoked], dict[str, int]]:
    """The relay and the subscribers that an operation caused, and the bytes of each event it published."""
    relayed, entries = counted.relayed()
    found = {"events.relay_events": relayed}
    for entry in entries:
        for name, invoked in counted.subscribed(entry).items():
            found[name] = invoked
    return found, {entry["DetailType"]: len(entry["Detail"].encode()) for entry in entries}


def test_the_counts_are_those_of_the_system(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    flows = MEASURED["flows"]
    with bench(shop, monkeypatch) as counted:
        assert {"platform.authorize_request": counted.authorized().requests} == MEASURED["authorizer"]
        invoice: Any = {}
        created = counted.invoked(lambda: invoice.update(counted.invoice()))
        assert len(invoice["items"]) == 3
        assert len(invoice["taxes"]) == 2
        after, events = followed(counted)
        assert requests({"receivables.create_invoice": created, **after}) == flows["invoice"]["functions"]
        assert _about(events, flows["invoice"]["events"])
        paid = counted.invoked(lambda: counted.payment(invoice))
        after, events = followed(counted)
        assert requests({"receivables.record_payment": paid, **after}) == flows["payment"]["functions"]
        assert _about(events, flows["payment"]["events"])
        path = {"id": invoice["id"]}
        read = counted.invoked(lambda: counted.client.call("get_invoice", path=path).expect(200))
        assert requests({"receivables.get_invoice": read}) == flows["read"]["functions"]
        assert followed(counted)[1] == {} == flows["read"]["events"]


def _about(found: dict[str, int], noted: dict[str, int]) -> bool:
    """The same events, each within a tenth of the size that was noted: ids and numbers differ in their digits."""
    assert found.keys() == noted.keys()
    return all(abs(found[name] - size) <= size / 10 for name, size in noted.items())


def test_an_idle_minute_is_counted_with_every_schedule_of_a_minute(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    schedules = [
        found
        for path in FUNCTIONS.glob("*/*.py")
        if isinstance(found := find(f"{path.parent.name}.{path.stem}"), Schedule)
    ]
    each_minute = {f"{one.module}.{one.name}" for one in schedules if one.rate == "rate(1 minute)"}
    assert each_minute == set(MEASURED["idle_runs"])
    with transaction("dispatcher") as opened:
        (row,) = opened.rows("SELECT count(*) AS n FROM kernel.tenant WHERE status = 'active'")
    with bench(shop, monkeypatch) as counted:
        counted.relayed()
        assert counted.relayed()[0].requests == MEASURED["idle_runs"]["events.relay_events"]
        swept = counted.invoked(lambda: find("release_expired_reservations")({}, None))
        once, each = 3, 4  # the list of tenants; a tenant's transaction
        assert swept.requests == once + each * row.n
        assert MEASURED["idle_runs"]["inventory.release_expired_reservations"] == once + each


PRICES = Prices("nowhere", "2026-01", "none", json.loads(cost.PRICES.read_text())["prices"])


def by_item(lines: Any) -> dict[str, Line]:
    return {line.item: line for line in lines}


def test_the_arithmetic_is_exact() -> None:
    flow = {
        "what": "a test",
        "http_requests": 1,
        "functions": {"receivables.create_invoice": 5, "events.relay_events": 7, "reporting.on_invoice_created": 4},
        "events": {"invoice.created": 2000, "stock.reserved": 1000},
        "database": {"cpu_ms": "4.5", "wal_bytes": 9000, "stored_bytes": 8000},
    }
    lines = by_item(cost.flow_lines(flow, {"platform.authorize_request": 3}, cost.assumed([]), PRICES))
    assert {name: (line.quantity, line.usd) for name, line in lines.items()} == {
        "HTTP API": (Decimal(1_000_000), Decimal("1.00")),
        "Invocations": (Decimal("3100000.0"), Decimal("0.62")),
        # (80 + 80 + 50 + 0.1 × 30) ms × 0.5 GB × a million
        "Time of functions": (Decimal(106_500), Decimal("1.77500355")),
        "Data API": (Decimal("16300000.0"), Decimal("5.705")),
        "Events": (Decimal(2_000_000), Decimal("2.00")),
        "Archive": (Decimal(3), Decimal("0.30")),
        "Archive, kept a month": (Decimal(3), Decimal("0.069")),
        "Queues": (Decimal(3_000_000), Decimal("1.20")),
        # (3.1 × 2000 + 400) bytes × a million
        "Logs": (Decimal("6.6"), Decimal("3.30")),
        # 4.5 ms ÷ (0.25 × 0.5) = 36 ms of a capacity unit, a million times: ten hours
        "Database at work": (Decimal(10), Decimal("1.20")),
        "Database I/O": (Decimal(3_000_000), Decimal("0.60")),
        "Database, kept a month": (Decimal(8), Decimal("0.80")),
    }


def test_what_stands_there_is_counted_in_the_templates() -> None:
    counts = cost.standing_counts(cost.ROOT)
    assert counts["functions"] > 40
    assert counts["alarm"] > counts["functions"]
    assert counts["queues"] >= 3
    assert counts["secret"] >= 4
    lines = by_item(cost.standing_lines(counts, MEASURED, cost.assumed([]), PRICES))
    assert lines["Database, awake"].usd == Decimal("43.800")
    assert lines["Secrets"].usd == counts["secret"] * Decimal("0.40")


def test_assumptions_and_prices_may_be_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prices = json.loads(cost.PRICES.read_text())
    prices["region"], prices["prices"]["http_request"]["usd"] = "eu-central-1", "1.10"
    (tmp_path / "prices.json").write_text(json.dumps(prices))
    assert cost.main(["--prices", str(tmp_path / "prices.json"), "--assume", "authorized_share=0"]) == 0
    told = capsys.readouterr().out
    assert "| HTTP API | 1 | 1.10 per 1,000,000 requests to an HTTP API, up to 512 KB each | 1.10 |" in told
    assert "Prices: eu-central-1, 2026-06;" in told
    assert "| Data API | 5 + 7 + 4 + 0 × 3 |" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--assume", "luck=1"], "luck=1 is no assumption"),
        (["--assume", "relay_ms=fast"], "relay_ms=fast is no assumption"),
        (["--assume", "relay_ms=-1"], "relay_ms=-1 is no assumption"),
        (["--prices", "nowhere.json"], "nowhere.json holds no prices"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cost.main(arguments) == 1
    assert told in capsys.readouterr().err


def test_a_price_that_is_missing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prices = json.loads(cost.PRICES.read_text())
    del prices["prices"]["log"]
    (tmp_path / "prices.json").write_text(json.dumps(prices))
    assert cost.main(["--prices", str(tmp_path / "prices.json")]) == 1
    assert "has no price for log." in capsys.readouterr().err


def test_the_figures_of_the_guide_are_those_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Of what is counted in the templates only the shape is compared: modules come and go."""
    cost.main([])
    told = capsys.readouterr().out.partition("**A month in which nothing happens**")[0].strip()
    assert told in DOCUMENT.read_text(), "run `bigledger cost` and put what it tells into docs/operating.md"
    assert re.search(r"\*\*A month in which nothing happens\*\*", DOCUMENT.read_text())
