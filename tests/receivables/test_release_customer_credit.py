"""Releasing a customer's credit."""

import pytest

from tests.receivables.test_hold_customer_credit import hold
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    hold(shop)
    answer = example(path={"id": "CUST001"}, body={"reason": "Paid in cash"})
    assert answer.status == 200
    assert answer["on_hold"] is False
    assert shop.invoice()["status"] == "issued"


def test_only_what_is_held_is_released_and_it_may_be_held_again(shop: Shop) -> None:
    before = shop.api.counts()
    assert hold(shop, 409, "release_customer_credit")["code"] == "conflict"
    assert shop.api.counts() == before
    for operation in ("hold_customer_credit", "release_customer_credit", "hold_customer_credit"):
        hold(shop, operation=operation)
    rows = shop.api.rows("SELECT number, action FROM receivables.credit_hold ORDER BY number")
    assert [(row.number, row.action) for row in rows] == [(1, "held"), (2, "released"), (3, "held")]
    shop.invoice("CUST001", 422)
