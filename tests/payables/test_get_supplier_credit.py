"""A supplier credit read again is the one that was answered."""

from typing import Any

import pytest

from tests.support.purchases import Purchases

BONUS = {"supplier": "SUPP001", "supplier_number": "B-1", "reason": "Bonus", "items": [{"unit_price": "50.00"}]}


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    made = buyer.make("create_supplier_credit", **BONUS)
    answer = example(path={"id": made["number"]})
    assert (answer.status, answer["amount_left"]) == (200, "50.00")


def test_it_is_read_as_it_was_answered(buyer: Purchases) -> None:
    made = buyer.make("create_supplier_credit", **BONUS, metadata={"scan": "17"})
    assert buyer.api.call("get_supplier_credit", path={"id": made["id"]}).expect(200).json == made


def test_nothing_is_told_of_one_that_is_not_there(buyer: Purchases) -> None:
    assert buyer.api.call("get_supplier_credit", path={"id": "SC-2026-000009"}).expect(404)["code"] == "not_found"
