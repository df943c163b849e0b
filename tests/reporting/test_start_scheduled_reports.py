"""Report schedules ask for what is due, each day once, over the days that they tell from the one they are due on."""

import datetime as dt
from typing import Any

import pytest

from bigledger.kernel.clock import Clock
from bigledger.records import RelativePeriod, days_of
from tests.support.api import Api, find
from tests.support.events import deliver
from tests.support.store import store_in_process


def scheduled(api: Api, code: str, **fields: Any) -> Any:
    return api.record("report-schedules", **{"code": code, "name": code, "report": "profit-loss", **fields})


def jobs(api: Api) -> list[tuple[str, str, dict[str, str]]]:
    """Schedule, due day and parameters of each job, in their order."""
    rows = api.rows(
        "SELECT data FROM kernel.document WHERE type = 'report_job' ORDER BY data->>'due_on', data->>'schedule'"
    )
    return [(row.data["schedule"], row.data["due_on"], row.data["parameters"]) for row in rows]


def at(clock: Clock, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    monkeypatch.setattr(clock, "now", lambda: dt.datetime.fromisoformat(moment))


@pytest.mark.parametrize(
    ("period", "on", "first", "last"),
    [
        ("day_before", "2026-03-01", "2026-02-28", "2026-02-28"),
        ("week_before", "2026-11-25", "2026-11-16", "2026-11-22"),
        ("month_before", "2026-03-31", "2026-02-01", "2026-02-28"),
        ("month_before", "2026-01-01", "2025-12-01", "2025-12-31"),
        ("quarter_before", "2026-02-10", "2025-10-01", "2025-12-31"),
        ("year_before", "2026-07-01", "2025-01-01", "2025-12-31"),
        ("month_to_date", "2026-11-23", "2026-11-01", "2026-11-23"),
        ("quarter_to_date", "2026-11-23", "2026-10-01", "2026-11-23"),
        ("year_to_date", "2026-11-23", "2026-01-01", "2026-11-23"),
    ],
)
def test_days_are_told_from_the_one_it_is_due_on(period: RelativePeriod, on: str, first: str, last: str) -> None:
    assert [str(day) for day in days_of(period, dt.date.fromisoformat(on))] == [first, last]


def test_each_due_day_is_asked_for_once_also_after_a_gap(
    api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Days before the schedule was made are not made up for; those that nobody ran on are."""
    sweep = find("reporting.start_scheduled_reports")
    scheduled(api, "MONTHLY", starts_on="2026-08-01", format="csv", parameters={"compare": "previous_year"})
    scheduled(api, "BALANCES", report="balance-sheet", starts_on="2026-11-30", unit="day", every=2, company="MAIN")
    sweep.run()
    assert jobs(api) == []
    at(clock, monkeypatch, "2026-12-02T12:00:00+00:00")
    sweep.run()
    sweep.run()
    month = {"from": "2026-11-01", "to": "2026-11-30", "compare": "previous_year"}
    expected = [
        ("BALANCES", "2026-11-30", {"as_of": "2026-10-31", "company": "MAIN"}),
        ("MONTHLY", "2026-12-01", month),
        ("BALANCES", "2026-12-02", {"as_of": "2026-11-30", "company": "MAIN"}),
    ]
    assert jobs(api) == expected
    at(clock, monkeypatch, "2027-01-01T12:00:00+00:00")
    sweep.run()
    assert [due for schedule, due, _ in jobs(api) if schedule == "MONTHLY"] == ["2026-12-01", "2027-01-01"]
    assert len(jobs(api)) == 3 + 1 + 15
    with store_in_process():
        deliver(api)
    generated = api.events("report.generated")
    assert len(generated) == len(jobs(api))
    assert {event["data"]["schedule"] for event in generated} == {"MONTHLY", "BALANCES"}


def test_a_day_begins_where_the_company_is(api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of December in New York begins at five in the morning in Greenwich."""
    company = api.call("get_record", path={"resource": "companies", "id": "MAIN"}).expect(200)
    change = {"timezone": "America/New_York"}
    headers = {"If-Match": f'"{company["version"]}"'}
    api.call("update_record", change, path={"resource": "companies", "id": "MAIN"}, headers=headers).expect(200)
    scheduled(api, "MONTHLY", starts_on="2026-12-01")
    sweep = find("reporting.start_scheduled_reports")
    at(clock, monkeypatch, "2026-12-01T04:59:00+00:00")
    sweep.run()
    assert jobs(api) == []
    at(clock, monkeypatch, "2026-12-01T05:00:00+00:00")
    sweep.run()
    assert [due for _, due, _ in jobs(api)] == ["2026-12-01"]


def test_an_archived_schedule_asks_for_nothing_more(api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    made = scheduled(api, "DAILY", starts_on="2026-11-23", unit="day", period="day_before")
    sweep = find("reporting.start_scheduled_reports")
    sweep.run()
    assert [due for _, due, _ in jobs(api)] == ["2026-11-23"]
    path, headers = {"resource": "report-schedules", "id": made["id"]}, {"If-Match": '"1"'}
    api.call("archive_record", path=path, headers=headers).expect(200)
    at(clock, monkeypatch, "2026-11-25T12:00:00+00:00")
    sweep.run()
    assert len(jobs(api)) == 1


def test_two_runs_at_once_ask_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other run commits between the read and the write of this one: the day is taken, and nothing is new."""
    from bigledger.reporting import schedules

    scheduled(api, "DAILY", starts_on="2026-11-23", unit="day", period="day_before")
    sweep, plain = find("reporting.start_scheduled_reports"), schedules._days
    runs: list[int] = []

    def overtaken(row: Any, context: Any) -> Any:
        due = plain(row, context)
        if not runs and due:
            runs.append(1)
            sweep.run()
        return due

    monkeypatch.setattr(schedules, "_days", overtaken)
    sweep.run()
    assert len(jobs(api)) == 1
    assert len(api.events("report.requested")) == 1
