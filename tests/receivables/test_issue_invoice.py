"""Issuing a draft: the number, the posting and everything held come with it."""

import pytest

from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    draft = shop.invoice(draft=True)
    answer = example(path={"id": draft["id"]})
    assert (answer.status, answer["status"]) == (200, "issued")


def issue(shop: Shop, invoice: dict[str, str], status: int = 200):
    return shop.api.call("issue_invoice", path={"id": invoice["id"]}).expect(status).json


def test_a_draft_is_issued_as_if_it_had_been_created_so(shop: Shop) -> None:
    draft = shop.invoice(draft=True)
    issued = issue(shop, draft)
    assert (issued["number"], issued["status"], issued["version"]) == ("INV-2026-000001", "issued", 2)
    assert issued["amount_due"] == "1287.00"
    assert issued["events"] == ["invoice.created", "invoice.posted", "stock.reserved"]
    assert shop.trial_balance()["1200"] == "1287.00"
    assert shop.available("PROD001") == "90"
    assert shop.get(draft) == issued


def test_issuing_twice_is_a_conflict(shop: Shop) -> None:
    draft = shop.invoice(draft=True)
    issue(shop, draft)
    before = shop.api.counts()
    issue(shop, draft, 409)
    assert shop.api.counts() == before


def test_a_drafted_price_is_kept(shop: Shop) -> None:
    draft = shop.invoice(draft=True, items=[{"product": "PROD001", "quantity": 1, "unit_price": "99.99"}])
    assert issue(shop, draft)["subtotal"] == "99.99"


def test_drafts_take_no_numbers(shop: Shop) -> None:
    drafts = [shop.invoice(draft=True) for _ in range(3)]
    assert shop.invoice()["number"] == "INV-2026-000001"
    assert issue(shop, drafts[2])["number"] == "INV-2026-000002"


def test_stock_is_asked_for_when_it_is_issued(shop: Shop) -> None:
    draft = shop.invoice(draft=True, items=[{"product": "PROD002", "quantity": 21}])
    before = shop.api.counts()
    assert issue(shop, draft, 422)["code"] == "insufficient_stock"
    assert shop.api.counts() == before
