"""A bill that was on hold may be paid again; the rest of it is in test_hold_bill."""

from typing import Any

import pytest

from tests.support.purchases import Purchases


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    bill = buyer.bill(supplier_number="2026-4711")
    buyer.act("hold_bill", bill, reason="Half of the goods are missing")
    answer = example(path={"id": bill["id"]}, headers={"If-Match": '"2"'})
    assert answer.status == 200
    assert "payment_hold" not in answer.json


def test_one_that_is_not_on_hold_is_not_released(buyer: Purchases) -> None:
    bill = buyer.bill()
    before = buyer.api.counts()
    assert buyer.act("release_bill", bill, 409)["code"] == "conflict"
    assert buyer.api.counts() == before
