"""An allocation is taken back by contrary rows; nothing is erased."""

from typing import Any

import pytest

from tests.support.purchases import Purchases


def allocated(buyer: Purchases) -> tuple[Any, Any, Any]:
    """An advance, a bill, and the allocation of the one to the other."""
    body = {"supplier": "SUPP001", "amount": "300.00", "allocations": []}
    payment, bill = buyer.make("record_supplier_payment", **body), buyer.bill()
    body = {"supplier": "SUPP001", "sources": [{"document": payment["id"]}], "bills": [{"document": bill["id"]}]}
    return payment, bill, buyer.make("create_supplier_allocation", **body)


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    _, _, made = allocated(buyer)
    answer = example(path={"id": made["id"]}, headers={"If-Match": '"1"'})
    assert (answer.status, answer["status"]) == (200, "taken_back")


def test_the_bill_is_due_and_the_advance_left_over_again(buyer: Purchases) -> None:
    payment, bill, made = allocated(buyer)
    taken = buyer.act("delete_supplier_allocation", made)
    assert taken["events"] == [
        "supplier_payment.matched",
        "bill.partially_paid",
        "bill.reopened",
        "supplier_payment.unmatched",
    ]
    assert (buyer.get(bill)["status"], buyer.get(bill)["amount_due"]) == ("posted", "1000.00")
    assert buyer.trial_balance() == {"6150": "1000.00", "2100": "-1000.00", "1020": "-300.00", "1230": "300.00"}
    buyer.act("void_supplier_payment", payment, reason="Now it can be voided")


def test_it_is_taken_back_once(buyer: Purchases) -> None:
    _, _, made = allocated(buyer)
    buyer.act("delete_supplier_allocation", made)
    before = buyer.api.counts()
    assert buyer.act("delete_supplier_allocation", made, 409)["document_status"] == "taken_back"
    assert buyer.api.counts() == before
