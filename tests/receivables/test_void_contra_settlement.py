"""Voiding a contra settlement: both sides are open again."""

import pytest

from tests.receivables.owed import both_sides, owing, set_off
from tests.support.integrity import sound
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    both_sides(shop)
    invoice = shop.invoice("CUST002")
    owing(shop, "500.00")
    made = set_off(shop)
    answer = example(path={"id": made["number"]}, body={"reason": "They did not agree"})
    assert answer.status == 200
    assert (answer["status"], answer["voided_on"]) == ("void", "2026-11-23")
    assert shop.get(invoice)["amount_due"] == "1200.00"


def test_both_sides_are_open_again_and_it_is_void_once(shop: Shop) -> None:
    both_sides(shop)
    invoice = shop.invoice("CUST002")
    owing(shop, "500.00")
    made = set_off(shop)
    path = {"id": made["id"]}
    voided = shop.api.call("void_contra_settlement", {"reason": "x"}, path=path).expect(200)
    assert voided["events"] == ["contra.posted", "invoice.partially_paid", "invoice.reopened", "contra.voided"]
    assert (shop.get(invoice)["status"], shop.get(invoice)["amount_due"]) == ("issued", "1200.00")
    balance = shop.trial_balance()
    assert (balance["1200"], balance["2100"]) == ("1200.00", "-500.00")
    sound(shop.api)
    before = shop.api.counts()
    assert shop.api.call("void_contra_settlement", {"reason": "x"}, path=path).expect(409)["code"] == "conflict"
    assert shop.api.counts() == before
    assert set_off(shop)["amount"] == "500.00"
