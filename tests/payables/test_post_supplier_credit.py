"""A draft credit takes nothing back until it is posted."""

from typing import Any

import pytest

from tests.support.purchases import Purchases


def draft(buyer: Purchases, bill: Any) -> Any:
    body = {"supplier_number": "CN-17", "reason": "Damaged", "lines": [{"line": 1, "quantity": 2}], "draft": True}
    return buyer.act("credit_bill", bill, 201, **body)


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    made = draft(buyer, buyer.bill(supplier_number="2026-4711", items=[{"quantity": 10, "unit_price": "12.50"}]))
    answer = example(path={"id": made["id"]}, headers={"If-Match": '"1"'})
    assert (answer.status, answer["status"]) == (200, "settled")


def test_what_was_credited_meanwhile_is_not_credited_again(buyer: Purchases) -> None:
    bill = buyer.bill(items=[{"quantity": 3, "unit_price": "10.00"}])
    made = draft(buyer, bill)
    assert ("number" in made, buyer.get(bill)["amount_due"]) == (False, "30.00")
    body = {"supplier_number": "CN-18", "reason": "Damaged", "lines": [{"line": 1, "quantity": 2}]}
    buyer.act("credit_bill", bill, 201, **body)
    before = buyer.api.counts()
    assert buyer.act("post_supplier_credit", made, 422)["code"] == "over_credited_bill"
    assert buyer.api.counts() == before


def test_one_that_stands_alone_is_posted_as_it_was_drafted(buyer: Purchases) -> None:
    items = [{"account": "6150", "unit_price": "50.00", "taxes": ["CAR"]}]
    fields = {"supplier": "SUPP001", "supplier_number": "B-1", "reason": "Bonus", "items": items, "draft": True}
    made = buyer.make("create_supplier_credit", **fields)
    after = buyer.act("post_supplier_credit", made)
    assert (after["status"], after["total"], after["items"]) == ("posted", "60.00", made["items"])
    assert buyer.trial_balance() == {"2100": "60.00", "6150": "-55.00", "1250": "-5.00"}
    before = buyer.api.counts()
    assert buyer.act("post_supplier_credit", made, 409)["document_status"] == "posted"
    assert buyer.api.counts() == before
