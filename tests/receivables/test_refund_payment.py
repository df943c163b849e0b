"""Refunds of what a payment left over: never more than that, at the rate of their day."""

from decimal import Decimal
from typing import Any

import pytest

from tests.receivables.notes import posted
from tests.receivables.test_foreign_invoices import base_lines, set_rate
from tests.support.shop import Shop


def refund(shop: Shop, payment: Any, status: int = 201, **fields: Any) -> Any:
    key = {"Idempotency-Key": f"refund-{shop.api.requests}"}
    return shop.api.call("refund_payment", fields, path={"id": payment["id"]}, headers=key).expect(status).json


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    payment = shop.pay("100.00", allocations=[])
    answer = example(
        path={"id": payment["number"]}, body={"amount": "60.00"}, headers={"Idempotency-Key": "refund-4711"}
    )
    assert answer.status == 201
    assert (answer["number"], answer["amount"], answer["amount_left"]) == ("REF-2026-000001", "60.00", "40.00")


def test_the_rest_goes_back_from_the_bank(shop: Shop) -> None:
    shop.invoice()
    payment = shop.pay("1300.00")
    answer = refund(shop, payment)
    assert (answer["amount"], answer["amount_left"], answer["events"]) == ("13.00", "0.00", ["payment.refunded"])
    assert posted(answer) == [("1020", Decimal("-13.00")), ("2300", Decimal("13.00"))]
    assert shop.trial_balance().get("2300", "0") == "0"


def test_the_difference_since_the_payment_is_realised(shop: Shop) -> None:
    set_rate(shop, "1.10", "2026-11-20")
    payment = shop.pay("100.00", "CUST002", currency="EUR", allocations=[], date="2026-11-21")
    set_rate(shop, "1.05", "2026-11-22")
    first = refund(shop, payment, amount="40.00")
    assert base_lines(first) == [("1020", -42), ("2300", 44), ("4220", -2)]
    assert first["exchange_difference"] == "2.00"
    rest = refund(shop, payment, exchange_rate="1.20")
    assert base_lines(rest) == [("1020", -72), ("2300", 66), ("6320", 6)]
    assert shop.trial_balance().get("2300", "0") == "0"


@pytest.mark.parametrize(
    ("amount", "code"), [("13.01", "over_allocated"), ("0.001", "too_precise"), ("0", "greater_than")]
)
def test_no_more_than_is_left_is_refunded(shop: Shop, amount: str, code: str) -> None:
    shop.invoice()
    payment = shop.pay("1300.00")
    before = shop.api.counts()
    problem = refund(shop, payment, 422, amount=amount)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [("/amount", code)]
    assert shop.api.counts() == before


def test_it_is_not_dated_before_the_payment(shop: Shop) -> None:
    payment = shop.pay("10.00", allocations=[])
    before = shop.api.counts()
    assert refund(shop, payment, 422, date="2026-11-22")["code"] == "dated_too_early"
    assert shop.api.counts() == before
