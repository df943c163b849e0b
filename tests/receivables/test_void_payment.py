"""Voiding a payment: contrary rows, its invoices due again, and nothing where its rest was used since."""

from decimal import Decimal
from typing import Any

import pytest

from tests.receivables.notes import posted
from tests.receivables.test_foreign_invoices import euros, set_rate
from tests.support.shop import Shop

KEY = {"Idempotency-Key": "bounced"}


def void(shop: Shop, payment: Any, status: int = 200, **fields: Any) -> Any:
    body = {"reason": "The cheque bounced"} | fields
    return shop.api.call("void_payment", body, path={"id": payment["id"]}, headers=KEY).expect(status).json


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    shop.invoice()
    payment = shop.pay("500.00")
    answer = example(path={"id": payment["number"]}, body={"reason": "The cheque bounced"}, headers=KEY)
    assert answer.status == 200
    assert (answer["status"], answer["voided_on"]) == ("void", "2026-11-23")


def test_its_invoices_and_its_advance_are_as_before(shop: Shop) -> None:
    paid, open_ = shop.invoice(date="2026-11-10"), shop.invoice(date="2026-11-11")
    first = shop.pay("287.00", allocations=[{"invoice": paid["number"]}])
    second = shop.pay("1300.00", allocations=[{"invoice": paid["number"]}, {"invoice": open_["number"]}])
    third = shop.pay("100.00", allocations=[])
    balances = shop.trial_balance()
    voided = void(shop, second)
    assert voided["events"] == [
        "payment.received",
        "invoice.paid",
        "invoice.partially_paid",
        "invoice.reopened",
        "invoice.reopened",
        "payment.voided",
    ]
    lines = posted(voided)
    assert lines == [
        ("1020", Decimal("1300.00")),
        ("1200", Decimal("-1300.00")),
        ("1020", Decimal("-1300.00")),
        ("1200", Decimal("1300.00")),
    ]
    assert [(one["status"], one["amount_due"]) for one in (shop.get(paid), shop.get(open_))] == [
        ("partially_paid", "1000.00"),
        ("issued", "1287.00"),
    ]
    assert (first["status"], third["status"]) == ("received", "received")
    after = shop.trial_balance()
    assert (balances["1020"], after["1020"], after["2300"]) == ("1687.00", "387.00", "-100.00")
    assert shop.invoice()["credit"]["exposure"] == "3574.00"


def test_a_foreign_one_takes_its_difference_back(shop: Shop) -> None:
    set_rate(shop, "1.20", "2026-11-01")
    set_rate(shop, "1.10", "2026-11-21")
    invoice = euros(shop, date="2026-11-20")
    payment = shop.pay("450.00", "CUST002", currency="EUR")
    void(shop, payment)
    balances = shop.trial_balance()
    assert (balances["1200"], balances.get("6320", "0"), balances.get("2300", "0")) == ("480.00", "0", "0")
    assert shop.get(invoice)["amount_due"] == "400.00"


def test_what_was_left_of_it_must_not_be_used(shop: Shop) -> None:
    payment = shop.pay("100.00", allocations=[])
    refund = {"amount": "10.00"}
    shop.api.call("refund_payment", refund, path={"id": payment["id"]}, headers={"Idempotency-Key": "r"}).expect(201)
    before = shop.api.counts()
    problem = void(shop, payment, 409)
    assert (problem["code"], problem["used"]) == ("allocated", "10.00")
    assert shop.api.counts() == before


def test_it_is_void_once(shop: Shop) -> None:
    payment = shop.pay("100.00", allocations=[])
    path = {"id": payment["id"]}
    void(shop, payment)
    before = shop.api.counts()
    again = shop.api.call("void_payment", {"reason": "x"}, path=path, headers={"Idempotency-Key": "again"}).expect(409)
    assert again["code"] == "conflict"
    assert shop.api.counts() == before


@pytest.mark.parametrize(("date", "code"), [("2026-11-19", "dated_too_early"), ("2026-11-24", "in_the_future")])
def test_its_day_is_between_the_payment_and_today(shop: Shop, date: str, code: str) -> None:
    payment = shop.pay("100.00", allocations=[], date="2026-11-20")
    before = shop.api.counts()
    problem = void(shop, payment, 422, date=date)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [("/date", code)]
    assert shop.api.counts() == before
