"""A credit that was wrong is voided, and its bill is due again."""

from typing import Any

import pytest

from tests.support.purchases import Purchases


def credited(buyer: Purchases) -> tuple[Any, Any]:
    """A bill and its whole credit."""
    bill = buyer.bill(supplier_number="2026-4711", items=[{"quantity": 2, "unit_price": "10.00", "taxes": ["CAR"]}])
    return bill, buyer.act("credit_bill", bill, 201, supplier_number="CN-17", reason="Returned")


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    _, made = credited(buyer)
    answer = example(path={"id": made["id"]}, body={"reason": "Not agreed"}, headers={"If-Match": '"1"'})
    assert (answer.status, answer["status"]) == (200, "void")


def test_its_bill_is_due_and_can_be_credited_again(buyer: Purchases) -> None:
    bill, made = credited(buyer)
    void = buyer.act("void_supplier_credit", made, reason="Not agreed")
    assert (void["voided_on"], void["amount_left"]) == ("2026-11-23", "0.00")
    assert (buyer.get(bill)["status"], buyer.get(bill)["amount_due"]) == ("posted", "24.00")
    again = buyer.act("credit_bill", bill, 201, supplier_number="CN-17", reason="Returned")
    assert (again["number"], again["status"]) == ("SC-2026-000002", "settled")
    assert buyer.trial_balance() == {}


def test_one_that_was_used_stays(buyer: Purchases) -> None:
    items = [{"unit_price": "50.00"}]
    fields = {"supplier": "SUPP001", "supplier_number": "B-1", "reason": "Bonus", "items": items}
    made, bill = buyer.make("create_supplier_credit", **fields), buyer.bill()
    body = {"supplier": "SUPP001", "sources": [{"document": made["id"]}], "bills": [{"document": bill["id"]}]}
    buyer.make("create_supplier_allocation", **body)
    before = buyer.api.counts()
    assert buyer.act("void_supplier_credit", made, 409, reason="x")["code"] == "advance_used"
    assert buyer.api.counts() == before
