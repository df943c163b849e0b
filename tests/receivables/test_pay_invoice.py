"""Paying one invoice: all that is open of it, or a part; in its currency."""

from decimal import Decimal
from typing import Any

import pytest

from tests.support.shop import Shop

KEY = {"Idempotency-Key": "receipt-1"}


@pytest.mark.example
def test_example(example: Any, shop: Shop) -> None:
    invoice = shop.invoice()
    answer = example(path={"id": invoice["number"]}, body={"reference": "Transfer 4711"}, headers=KEY).expect(201)
    assert answer["amount"] == invoice["total"]
    assert answer["allocations"] == [
        {
            "invoice": {"id": invoice["id"], "code": invoice["number"]},
            "amount": invoice["total"],
            "amount_due": "0.00",
            "status": "paid",
        }
    ]
    assert shop.api.call("get_invoice", path={"id": invoice["id"]})["amount_due"] == "0.00"


def test_a_part_leaves_the_rest_and_too_much_is_an_advance(shop: Shop) -> None:
    invoice = shop.invoice()
    path = {"id": invoice["id"]}
    part = shop.api.call("pay_invoice", {"amount": "100.00"}, path=path, headers={"Idempotency-Key": "a"}).expect(201)
    assert part["allocations"][0]["status"] == "partially_paid"
    left = part["allocations"][0]["amount_due"]
    rest = shop.api.call("pay_invoice", {"amount": "5000.00"}, path=path, headers={"Idempotency-Key": "b"}).expect(201)
    assert (rest["allocations"][0]["amount"], rest["allocations"][0]["status"]) == (left, "paid")
    assert Decimal(rest["unallocated"]) == 5000 - Decimal(left)


@pytest.mark.parametrize("state", ["draft", "paid", "void"])
def test_of_which_nothing_is_open_is_not_paid(shop: Shop, state: str) -> None:
    invoice = shop.invoice(draft=True) if state == "draft" else shop.invoice()
    path = {"id": invoice["id"]}
    if state == "paid":
        shop.api.call("pay_invoice", {}, path=path, headers={"Idempotency-Key": "first"}).expect(201)
    if state == "void":
        shop.api.call("void_invoice", {"reason": "ordered twice"}, path=path).expect(200)
    before = shop.api.counts()
    refused = shop.api.call("pay_invoice", {}, path=path, headers=KEY).expect(409)
    assert (refused["code"], refused["document_status"]) == ("conflict", state)
    assert shop.api.counts() == before


def test_without_a_key_it_is_refused(shop: Shop) -> None:
    invoice = shop.invoice()
    before = shop.api.counts()
    assert shop.api.call("pay_invoice", {}, path={"id": invoice["id"]}).expect(428)["code"] == "precondition_missing"
    assert shop.api.counts() == before


@pytest.mark.parametrize("operation", ["pay_invoice", "credit_invoice", "refund_payment", "refund_credit_note"])
def test_a_version_that_is_no_more_is_neither_paid_nor_credited_nor_refunded(shop: Shop, operation: str) -> None:
    """If-Match (RFC 9110, 13.1.1): nothing is done when the document is not as it was read."""
    stored = shop.invoice()
    if operation == "refund_payment":
        stored = shop.pay("2000.00")
    if operation == "refund_credit_note":
        shop.pay("1287.00")
        credit = {"reason": "returned"}
        stored = shop.api.call("credit_invoice", credit, path={"id": stored["id"]}, headers={"Idempotency-Key": "c"})
    body, before = {"reason": "returned"} if operation == "credit_invoice" else {}, shop.api.counts()
    stale = {**KEY, "If-Match": '"99"'}
    refused = shop.api.call(operation, body, path={"id": stored["id"]}, headers=stale).expect(412)
    assert (refused["code"], shop.api.counts()) == ("stale_version", before)
    assert shop.api.call(operation, body, path={"id": stored["id"]}, headers={"Idempotency-Key": "2"}).status == 201
