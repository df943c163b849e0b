"""Dunning runs: each overdue item goes up a level at a time, in one letter per customer and currency, never twice."""

from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest

from bigledger.receivables.dunning_rules import charges, next_level
from bigledger.records import DunningLevel
from tests.receivables.notes import posted
from tests.receivables.reminders import levels, overdue, procedure, remind
from tests.receivables.test_foreign_invoices import set_rate
from tests.support.api import Api
from tests.support.integrity import sound
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    procedure(shop)
    overdue(shop, "2026-11-10")
    overdue(shop, "2026-11-23")
    answer = example(body={"procedure": "USUAL"}, headers={"Idempotency-Key": "dunning-1"})
    assert answer.status == 201
    (notice,) = answer["notices"]
    assert (notice["notice"]["code"], notice["customer"]["code"], notice["level"], notice["total"]) == (
        "DUN-2026-000001",
        "CUST002",
        1,
        "75.00",
    )


@pytest.mark.parametrize(
    ("reached", "days", "level"),
    [(None, 4, None), (None, 5, 1), (None, 60, 1), (1, 19, None), (1, 20, 2), (2, 40, 3), (3, 700, None)],
)
def test_the_level_an_item_goes_up_to(reached: int | None, days: int, level: int | None) -> None:
    steps = [DunningLevel(days=days) for days in (5, 20, 40)]
    assert next_level(steps, reached, days) == level


def test_one_letter_for_each_customer_and_currency(shop: Shop) -> None:
    set_rate(shop, "1.10")
    procedure(shop)
    first, second = overdue(shop, "2026-11-01"), overdue(shop, "2026-11-02")
    items = [{"product": "SERV001", "quantity": 1, "unit_price": "7.00"}]
    foreign = overdue(shop, "2026-11-03", currency="EUR", items=items)
    other = overdue(shop, "2026-11-04", "CUST001")
    overdue(shop, "2026-11-20")
    run = remind(shop)
    assert [(made["customer"]["code"], made["currency"], made["total"]) for made in run["notices"]] == [
        ("CUST002", "USD", "150.00"),
        ("CUST002", "EUR", "7.00"),
        ("CUST001", "USD", "80.44"),
    ]
    assert levels(shop, run) == [
        (first["number"], 1),
        (second["number"], 1),
        (foreign["number"], 1),
        (other["number"], 1),
    ]
    assert run["events"] == ["dunning.issued", "dunning.issued", "dunning.issued", "dunning_run.created"]
    sound(shop.api)


def test_nothing_is_reminded_of_twice_at_a_level(shop: Shop) -> None:
    procedure(shop)
    invoice = overdue(shop, "2026-10-01")
    assert levels(shop, remind(shop)) == [(invoice["number"], 1)]
    assert levels(shop, remind(shop)) == [(invoice["number"], 2)]
    later = overdue(shop, "2026-11-10")
    third = remind(shop)
    assert levels(shop, third) == [(invoice["number"], 3), (later["number"], 1)]
    assert third["notices"][0]["level"] == 3
    before = shop.api.counts()
    assert remind(shop)["notices"] == []
    assert shop.api.counts()["receivables.dunned_item"] == before["receivables.dunned_item"]
    sound(shop.api)


def test_the_fee_of_the_level_is_posted_and_owed(shop: Shop) -> None:
    procedure(shop)
    overdue(shop, "2026-10-01")
    remind(shop)
    (made,) = remind(shop)["notices"]
    assert (made["total"], made["fee"]) == ("85.00", "10.00")
    notice = shop.api.call("get_dunning_notice", path={"id": made["notice"]["id"]}).expect(200)
    assert [(code, str(amount)) for code, amount in posted(notice)] == [("1200", "10.00"), ("4200", "-10.00")]
    assert (notice["pay_by"], notice["text"], notice["overdue"]) == ("2026-12-07", "Please pay.", "75.00")
    payment = shop.pay("85.00", "CUST002")
    assert [(one["amount"], one.get("type")) for one in payment["allocations"]] == [
        ("75.00", None),
        ("10.00", "dunning_notice"),
    ]
    assert shop.trial_balance().get("1200", "0.00") == "0.00"
    sound(shop.api)


def test_a_fee_in_another_currency_is_converted(shop: Shop) -> None:
    set_rate(shop, "1.10")
    procedure(shop, levels=[{"days": 1, "fees": [{"currency": "EUR", "amount": "20.00"}]}])
    items = [{"product": "SERV001", "quantity": 1, "unit_price": "7.00"}]
    overdue(shop, "2026-11-03", currency="EUR", items=items)
    (made,) = remind(shop)["notices"]
    assert made["fee"] == "20.00"
    assert shop.trial_balance()["4200"] == "-22.00"
    sound(shop.api)


def test_what_is_paid_or_has_no_procedure_is_left_alone(shop: Shop) -> None:
    procedure(shop)
    overdue(shop, "2026-10-01")
    shop.pay("75.00", "CUST002")
    assert remind(shop)["notices"] == []
    overdue(shop, "2026-10-01")
    assert remind(shop, procedure=None)["notices"] == []


def test_a_customer_has_a_procedure_of_its_own(shop: Shop) -> None:
    procedure(shop)
    shop.api.record("dunning-procedures", code="GENTLE", name="Gentle", levels=[{"days": 60}])
    path = {"resource": "customers", "id": "CUST002"}
    change = {"dunning_procedure": "GENTLE"}
    shop.api.call("update_record", change, path=path, headers={"If-Match": '"1"'}).expect(200)
    overdue(shop, "2026-10-01")
    assert remind(shop)["notices"] == []
    overdue(shop, "2026-09-01")
    assert [made["total"] for made in remind(shop, procedure=None)["notices"]] == ["75.00"]


def test_only_some_customers_are_reminded(shop: Shop) -> None:
    procedure(shop)
    overdue(shop, "2026-11-01")
    overdue(shop, "2026-11-01", "CUST001")
    run = remind(shop, customers=["CUST001"])
    assert [made["customer"]["code"] for made in run["notices"]] == ["CUST001"]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"procedure": "NONE"}, "/procedure"),
        ({"customers": ["CUST001", "NOBODY"]}, "/customers/1"),
        ({"date": "2026-11-24"}, "/date"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(shop: Shop, fields: dict[str, Any], pointer: str) -> None:
    procedure(shop)
    overdue(shop, "2026-11-01")
    before = shop.api.counts()
    problem = remind(shop, 422, **fields)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert shop.api.counts() == before


def test_two_runs_at_once_remind_once(shop: Shop) -> None:
    procedure(shop)
    overdue(shop, "2026-11-10")
    ready, made = Barrier(2), []

    def run(name: str) -> None:
        api = Api(shop.api.tenant_id)
        ready.wait()
        answer = api.call("create_dunning_run", {"procedure": "USUAL"}, headers={"Idempotency-Key": name})
        made.extend(answer.expect(201)["notices"])

    threads = [Thread(target=run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    sound(shop.api)


def test_a_dry_run_writes_nothing(shop: Shop) -> None:
    procedure(shop)
    overdue(shop, "2026-11-01")
    before = shop.api.counts()
    body, key = {"procedure": "USUAL"}, {"Idempotency-Key": "dry"}
    answer = shop.api.call("create_dunning_run", body, query={"dry_run": "true"}, headers=key).expect(200)
    assert len(answer["notices"]) == 1
    assert shop.api.counts() == before


def test_the_number_of_statements_does_not_depend_on_the_items(shop: Shop) -> None:
    procedure(shop)
    overdue(shop, "2026-11-01")
    _, for_one = counted(lambda: remind(shop))
    for _ in range(10):
        overdue(shop, "2026-11-01")
    overdue(shop, "2026-11-01", "CUST001")
    _, for_many = counted(lambda: remind(shop))
    assert len(for_many) == len(for_one) == 3  # open, read, flush


@pytest.mark.parametrize(
    ("currency", "amount", "code"),
    [("USD", "9.995", "too_precise"), ("JPY", "0.5", "too_precise"), ("USD", "1000000000000000", "too_large")],
)
def test_a_fee_that_nobody_can_pay_is_refused(shop: Shop, currency: str, amount: str, code: str) -> None:
    procedure(shop)
    before = shop.api.counts()
    level = {"days": 1, "fees": [{"currency": "EUR", "amount": "5.00"}, {"currency": currency, "amount": amount}]}
    body = {"levels": [{"days": 1}, {**level, "days": 2}]}
    made = {"code": "FINE", "name": "Fine", **body}
    path = {"resource": "dunning-procedures"}
    for refused in (
        shop.api.call("create_record", made, path=path),
        shop.api.call("update_record", body, path={**path, "id": "USUAL"}, headers={"If-Match": "*"}),
    ):
        (error,) = refused.expect(422)["errors"]
        assert (error["pointer"], error["code"]) == ("/levels/1/fees/1/amount", code)
    assert shop.api.counts() == before


def test_a_fee_is_charged_in_whole_units() -> None:
    """Also one that was put down finer: what is posted can be paid."""
    level = DunningLevel.model_validate({"days": 1, "fees": [{"currency": "USD", "amount": "9.995"}]})
    assert charges(level, "USD", []).fee == Decimal("10.00")
