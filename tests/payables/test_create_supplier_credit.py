"""A supplier's credit that belongs to no bill stays open until it is used."""

from typing import Any

import pytest

from tests.support.purchases import Purchases, posted

BONUS = {"supplier": "SUPP001", "supplier_number": "B-1", "reason": "Bonus of the year"}
ITEMS = [{"account": "6150", "unit_price": "50.00", "taxes": ["VAT20"]}]


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    answer = example(body=BONUS | {"items": ITEMS})
    assert (answer.status, answer["total"]) == (201, "60.00")


def test_it_is_posted_and_left_open(buyer: Purchases) -> None:
    made = buyer.make("create_supplier_credit", **BONUS, items=ITEMS)
    assert (made["number"], made["status"], made["amount_left"]) == ("SC-2026-000001", "posted", "60.00")
    assert posted(made) == [("2100", "60.00", "0.00"), ("6150", "0.00", "50.00"), ("1250", "0.00", "10.00")]
    assert "bill" not in made


@pytest.mark.example
def test_it_is_used_for_a_bill(buyer: Purchases, example: object) -> None:
    made, bill = buyer.make("create_supplier_credit", **BONUS, items=ITEMS), buyer.bill()
    body = {"supplier": "SUPP001", "sources": [{"document": made["number"]}], "bills": [{"document": bill["number"]}]}
    answer = buyer.make("create_supplier_allocation", **body)
    assert answer["events"] == ["supplier_payment.matched", "supplier_credit.settled", "bill.partially_paid"]
    read = buyer.api.call("get_supplier_credit", path={"id": made["id"]}).expect(200)
    assert (read["status"], read["amount_left"]) == ("settled", "0.00")
    buyer.act("delete_supplier_allocation", answer)
    read = buyer.api.call("get_supplier_credit", path={"id": made["id"]}).expect(200)
    assert (read["status"], read["amount_left"]) == ("posted", "60.00")


def test_an_unknown_supplier_gives_no_credit(buyer: Purchases) -> None:
    before = buyer.api.counts()
    problem = buyer.make("create_supplier_credit", 422, **BONUS | {"supplier": "NOBODY"}, items=ITEMS)
    assert problem["errors"][0]["pointer"] == "/supplier"
    assert buyer.api.counts() == before
