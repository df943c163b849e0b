"""Holding a customer's credit: nothing more is issued to it."""

from typing import Any

import pytest

from tests.support.integrity import sound
from tests.support.shop import Shop


def hold(shop: Shop, status: int = 200, operation: str = "hold_customer_credit") -> Any:
    return shop.api.call(operation, {"reason": "Two cheques bounced"}, path={"id": "CUST001"}).expect(status).json


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    answer = example(path={"id": "CUST001"}, body={"reason": "Two cheques bounced"})
    assert answer.status == 200
    assert (answer["on_hold"], answer["events"]) == (True, ["customer.status_changed"])


def test_nothing_is_issued_to_it_and_drafts_are_kept(shop: Shop) -> None:
    draft = shop.invoice(draft=True)
    hold(shop)
    before = shop.api.counts()
    problem = shop.invoice("CUST001", 422)
    assert (problem["code"], problem["reason"]) == ("customer_on_hold", "Two cheques bounced")
    assert shop.api.call("issue_invoice", path={"id": draft["id"]}).expect(422)["code"] == "customer_on_hold"
    assert shop.api.counts() == before
    assert shop.invoice(draft=True)["status"] == "draft"
    assert shop.invoice("CUST002")["status"] == "issued"
    credit = shop.api.call("get_customer_credit", path={"id": "CUST001"}).expect(200)
    assert (credit["on_hold"], credit["hold_reason"]) == (True, "Two cheques bounced")
    sound(shop.api)


def test_it_is_held_once(shop: Shop) -> None:
    hold(shop)
    before = shop.api.counts()
    assert hold(shop, 409)["code"] == "conflict"
    assert shop.api.counts() == before
    shop.api.call("hold_customer_credit", {"reason": "x"}, path={"id": "NOBODY"}).expect(404)
