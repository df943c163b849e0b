"""With the flag, a payment of just what one invoice is open for settles that invoice, and not the one due first."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.shop import Shop
from tests.support.statements import counted

KEY = "receivables.match_exact_payments"


def switch(api: Api, on: bool, version: int = 0) -> None:
    body = {"enabled": on}
    headers = {"If-Match": f'"{version}"'}
    api.call("set_feature_flag", body, path={"key": KEY}, headers=headers).expect(200)


@pytest.fixture
def invoices(shop: Shop) -> list[Any]:
    """Two open invoices: 1287.00 that is due first, and 643.50."""
    return [
        shop.invoice(date="2026-11-10"),
        shop.invoice(date="2026-11-20", items=[{"product": "PROD001", "quantity": 5}]),
    ]


def settled(payment: Any) -> list[tuple[str, str, str]]:
    return [(one["invoice"]["code"], one["amount"], one["status"]) for one in payment["allocations"]]


def test_without_the_flag_the_one_due_first_is_settled(shop: Shop, invoices: list[Any]) -> None:
    assert settled(shop.pay("643.50")) == [(invoices[0]["number"], "643.50", "partially_paid")]


def test_with_the_flag_the_one_of_that_amount_is_settled(shop: Shop, invoices: list[Any]) -> None:
    switch(shop.api, True)
    payment = shop.pay("643.50")
    assert settled(payment) == [(invoices[1]["number"], "643.50", "paid")]
    assert payment["events"] == ["payment.received", "invoice.paid"]
    assert shop.get(invoices[0])["amount_due"] == "1287.00"
    assert shop.trial_balance()["1200"] == "1287.00"


def test_another_amount_goes_to_the_one_due_first(shop: Shop, invoices: list[Any]) -> None:
    switch(shop.api, True)
    assert settled(shop.pay("643.49")) == [(invoices[0]["number"], "643.49", "partially_paid")]


def test_what_is_written_off_counts_with_it(shop: Shop, invoices: list[Any]) -> None:
    switch(shop.api, True)
    write_off = {"amount": "3.50", "account": "6340", "reason": "Bank charge"}
    assert settled(shop.pay("640.00", write_off=write_off)) == [(invoices[1]["number"], "643.50", "paid")]


def test_an_invoice_dated_after_the_payment_is_not_meant(shop: Shop, invoices: list[Any]) -> None:
    switch(shop.api, True)
    payment = shop.pay("643.50", date="2026-11-15")
    assert settled(payment) == [(invoices[0]["number"], "643.50", "partially_paid")]


def test_of_two_alike_the_one_due_first_is_settled(shop: Shop) -> None:
    switch(shop.api, True)
    numbers = [shop.invoice(date=day)["number"] for day in ("2026-11-12", "2026-11-10")]
    assert settled(shop.pay("1287.00")) == [(numbers[1], "1287.00", "paid")]


def test_named_invoices_are_settled_as_named(shop: Shop, invoices: list[Any]) -> None:
    switch(shop.api, True)
    payment = shop.pay("643.50", allocations=[{"invoice": invoices[0]["number"]}])
    assert settled(payment) == [(invoices[0]["number"], "643.50", "partially_paid")]


def test_a_change_holds_from_the_next_request_and_costs_no_statement(shop: Shop, invoices: list[Any]) -> None:
    shop.pay("1.00")
    _, without = counted(lambda: shop.pay("1.00", allocations=[]))
    switch(shop.api, True)
    assert settled(shop.pay("643.50")) == [(invoices[1]["number"], "643.50", "paid")]
    _, asked = counted(lambda: shop.pay("1.00"))
    assert len(asked) == len(without)
    switch(shop.api, False, 1)
    assert settled(shop.pay("1285.00"))[0][0] == invoices[0]["number"]
