"""Recurring invoices: each day of a schedule is invoiced once, at the end of months, after gaps, and by two at once."""

from datetime import date
from threading import Barrier, Thread

import pytest

from bigledger.records import RecurringInvoice
from tests.receivables.reminders import run_due, schedule
from tests.support.api import Api
from tests.support.integrity import sound
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    schedule(shop)
    answer = example(body={}, headers={"Idempotency-Key": "recurring-1"})
    assert answer.status == 200
    (made,) = answer["made"]
    assert (made["due_on"], made["invoice"]["code"], made["total"]) == ("2026-10-31", "INV-2026-000001", "75.00")
    assert (answer["failed"], answer["more"]) == ([], False)


@pytest.mark.parametrize(
    ("fields", "after", "until", "days"),
    [
        ({}, None, "2027-05-01", ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
        ({}, "2027-02-28", "2027-05-01", ["2027-03-31", "2027-04-30"]),
        (
            {"starts_on": "2027-11-30"},
            None,
            "2028-03-31",
            ["2027-11-30", "2027-12-30", "2028-01-30", "2028-02-29", "2028-03-30"],
        ),
        ({"every": 3}, None, "2027-12-31", ["2027-01-31", "2027-04-30", "2027-07-31", "2027-10-31"]),
        (
            {"unit": "year", "starts_on": "2024-02-29"},
            "2025-02-28",
            "2028-12-31",
            ["2026-02-28", "2027-02-28", "2028-02-29"],
        ),
        ({"unit": "week", "every": 2}, "2027-02-14", "2027-03-15", ["2027-02-28", "2027-03-14"]),
        ({"unit": "day", "every": 10}, None, "2027-02-25", ["2027-01-31", "2027-02-10", "2027-02-20"]),
        ({"ends_on": "2027-02-28"}, None, "2027-12-31", ["2027-01-31", "2027-02-28"]),
        ({}, None, "2027-01-30", []),
    ],
)
def test_the_days_of_a_schedule(fields: dict[str, object], after: str | None, until: str, days: list[str]) -> None:
    given = {
        "code": "X",
        "name": "X",
        "customer": "C",
        "items": [{"product": "P", "quantity": "1"}],
        "starts_on": "2027-01-31",
    }
    found = RecurringInvoice.model_validate(given | fields)
    listed = found.days(date.fromisoformat(after) if after else None, date.fromisoformat(until))
    assert [str(day) for day in listed] == days


def test_what_was_missed_is_made_up_for_and_nothing_is_made_twice(shop: Shop) -> None:
    schedule(shop, starts_on="2026-01-31")
    first = run_due(shop, as_of="2026-03-31")
    assert [made["due_on"] for made in first["made"]] == ["2026-01-31", "2026-02-28", "2026-03-31"]
    invoice = shop.get({"id": first["made"][1]["invoice"]["id"]})
    assert (invoice["date"], invoice["total"], invoice["status"]) == ("2026-02-28", "75.00", "issued")
    before = shop.api.counts()
    assert run_due(shop, as_of="2026-03-31")["made"] == []
    assert shop.api.counts()["receivables.recurring_run"] == before["receivables.recurring_run"]
    assert len(run_due(shop)["made"]) == 7
    sound(shop.api)


def test_no_more_than_asked_for_at_a_time(shop: Shop) -> None:
    schedule(shop, starts_on="2026-08-31")
    first = run_due(shop, limit=2)
    assert ([made["due_on"] for made in first["made"]], first["more"]) == (["2026-08-31", "2026-09-30"], True)
    second = run_due(shop, limit=2)
    assert ([made["due_on"] for made in second["made"]], second["more"]) == (["2026-10-31"], False)


def test_one_schedule_and_its_drafts(shop: Shop) -> None:
    schedule(shop)
    drafts = schedule(shop, code="LAMPS", items=[{"product": "PROD001", "quantity": 5}], draft=True)
    (made,) = run_due(shop, schedule="LAMPS")["made"]
    assert (made["schedule"]["id"], made["status"], made["total"]) == (drafts["id"], "draft", "600.00")
    assert shop.available("PROD001") == "100"


def test_what_cannot_be_made_waits_and_keeps_no_other_waiting(shop: Shop) -> None:
    schedule(shop, code="A", currency="EUR", items=[{"product": "SERV001", "quantity": 1, "unit_price": "7.00"}])
    schedule(shop, code="B", starts_on="2026-09-30")
    answer = run_due(shop)
    assert [(made["schedule"]["code"], made["due_on"]) for made in answer["made"]] == [
        ("B", "2026-09-30"),
        ("B", "2026-10-30"),
    ]
    assert [(one["schedule"]["code"], one["due_on"], one["code"]) for one in answer["failed"]] == [
        ("A", "2026-10-31", "exchange_rate_missing")
    ]
    sound(shop.api)


def test_the_credit_limit_holds_for_all_of_a_run(shop: Shop) -> None:
    schedule(shop, customer="CUST001", starts_on="2026-08-31", items=[{"product": "SERV001", "quantity": 250}])
    answer = run_due(shop)
    assert [made["due_on"] for made in answer["made"]] == ["2026-08-31", "2026-09-30"]
    assert [(one["due_on"], one["code"]) for one in answer["failed"]] == [("2026-10-31", "credit_limit_exceeded")]
    sound(shop.api)


def test_nothing_is_made_ahead(shop: Shop) -> None:
    schedule(shop)
    before = shop.api.counts()
    assert run_due(shop, 422, as_of="2026-11-24")["errors"][0]["code"] == "in_the_future"
    assert shop.api.counts() == before


def test_a_schedule_that_is_not_there(shop: Shop) -> None:
    before = shop.api.counts()
    assert run_due(shop, 422, schedule="NONE")["errors"][0]["pointer"] == "/schedule"
    assert shop.api.counts() == before


def test_two_runs_at_once_make_each_once(shop: Shop) -> None:
    schedule(shop, starts_on="2026-09-30")
    ready, made = Barrier(2), []

    def run(name: str) -> None:
        api = Api(shop.api.tenant_id)
        ready.wait()
        answer = api.call("run_recurring_invoices", {}, headers={"Idempotency-Key": name})
        made.extend(answer.expect(200)["made"])

    threads = [Thread(target=run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one["due_on"] for one in made) == ["2026-09-30", "2026-10-30"]
    sound(shop.api)


def test_the_number_of_statements_does_not_depend_on_the_invoices(shop: Shop) -> None:
    schedule(shop)
    _, for_one = counted(lambda: run_due(shop))
    schedule(shop, code="B", starts_on="2026-02-28")
    schedule(shop, code="C", customer="CUST001", items=[{"product": "SERV001", "quantity": 2}] * 20)
    _, for_many = counted(lambda: run_due(shop))
    assert len(for_many) == len(for_one) == 4  # open, schedules, inputs, flush
