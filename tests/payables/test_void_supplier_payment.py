"""A payment that the bank sent back is voided, and its bills are due again."""

from typing import Any

import pytest

from tests.support.purchases import Purchases


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    buyer.bill(supplier_number="2026-4711")
    payment = buyer.make("record_supplier_payment", supplier="SUPP001", amount="1000.00")
    headers = {"If-Match": '"1"', "Idempotency-Key": "void-1"}
    answer = example(path={"id": payment["id"]}, body={"reason": "Sent back"}, headers=headers)
    assert (answer.status, answer["status"]) == (200, "void")


def test_what_it_settled_is_due_again(buyer: Purchases) -> None:
    bill = buyer.bill("SUPP002", exchange_rate="1.10", items=[{"unit_price": "100.00"}])
    fields = {"supplier": "SUPP002", "currency": "EUR", "exchange_rate": "1.20", "amount": "150.00"}
    payment = buyer.make("record_supplier_payment", **fields)
    void = buyer.act("void_supplier_payment", payment, reason="Sent back")
    assert void["events"] == ["payment.made", "bill.paid", "bill.reopened", "supplier_payment.voided"]
    assert (buyer.get(bill)["status"], buyer.get(bill)["amount_due"]) == ("posted", "100.00")
    assert buyer.trial_balance() == {"6300": "110.00", "2100": "-110.00"}


def test_an_advance_that_was_used_keeps_its_payment(buyer: Purchases) -> None:
    payment = buyer.make("record_supplier_payment", supplier="SUPP001", amount="100.00")
    bill = buyer.bill()
    body = {"supplier": "SUPP001", "sources": [{"document": payment["id"]}], "bills": [{"document": bill["id"]}]}
    buyer.make("create_supplier_allocation", **body)
    before = buyer.api.counts()
    problem = buyer.act("void_supplier_payment", payment, 409, reason="x")
    assert (problem["code"], problem["used"]) == ("advance_used", "100.00")
    assert buyer.api.counts() == before
