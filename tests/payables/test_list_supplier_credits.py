"""Supplier credits by what people look for them by."""

from typing import Any

import pytest

from tests.support.purchases import Purchases

BONUS = {"supplier_number": "B-1", "reason": "Bonus", "items": [{"unit_price": "50.00"}], "currency": "USD"}


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    buyer.make("create_supplier_credit", supplier="SUPP001", **BONUS)
    answer = example(query={"status": "posted"})
    assert (answer.status, len(answer["data"])) == (200, 1)


def test_each_tells_what_is_left_of_it(buyer: Purchases) -> None:
    buyer.make("create_supplier_credit", supplier="SUPP001", **BONUS)
    buyer.make("create_supplier_credit", supplier="SUPP002", **BONUS, draft=True)
    rows = buyer.api.call("list_supplier_credits").expect(200)["data"]
    assert [(row["status"], row["amount_left"]) for row in rows] == [("draft", "0.00"), ("posted", "50.00")]
    found = buyer.api.call("list_supplier_credits", query={"supplier": "SUPP001"}).expect(200)["data"]
    assert [row["supplier"]["code"] for row in found] == ["SUPP001"]
