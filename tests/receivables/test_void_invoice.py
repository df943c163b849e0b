"""Voiding: contrary rows, a kept number, and everything that was held given back."""

import pytest

from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    invoice = shop.invoice()
    answer = example(path={"id": invoice["id"]}, body={"reason": "Ordered twice"})
    assert answer.status == 200
    assert answer["status"] == "void"


def void(shop: Shop, invoice: dict[str, str], status: int = 200, **body: str):
    body.setdefault("reason", "Ordered twice")
    return shop.api.call("void_invoice", body, path={"id": invoice["id"]}).expect(status).json


def test_everything_is_given_back(shop: Shop) -> None:
    before = shop.trial_balance()
    invoice = shop.invoice()
    answer = void(shop, invoice)
    assert (answer["status"], answer["number"], answer["amount_due"]) == ("void", invoice["number"], "0.00")
    assert answer["void_reason"] == "Ordered twice"
    assert answer["events"] == ["invoice.created", "stock.reserved", "invoice.cancelled", "stock.released"]
    assert shop.trial_balance() == before
    assert shop.available("PROD001") == "100"
    assert shop.invoice()["credit"]["exposure"] == "1287.00"
    assert shop.invoice()["number"] == "INV-2026-000003"


def test_voiding_twice_is_a_conflict(shop: Shop) -> None:
    invoice = shop.invoice()
    void(shop, invoice)
    before = shop.api.counts()
    assert void(shop, invoice, 409)["code"] == "conflict"
    assert shop.api.counts() == before


def test_a_settled_invoice_is_not_voided(shop: Shop) -> None:
    invoice = shop.invoice()
    shop.pay("100.00")
    before = shop.api.counts()
    void(shop, invoice, 409)
    assert shop.api.counts() == before


def test_a_stale_version_is_refused(shop: Shop) -> None:
    invoice = shop.invoice()
    shop.api.call("void_invoice", {"reason": "x"}, path={"id": invoice["id"]}, headers={"If-Match": '"7"'}).expect(412)
    assert shop.get(invoice)["status"] == "issued"


def test_a_waiting_invoice_lets_go_of_stock_and_credit(shop: Shop) -> None:
    shop.api.record("approval-rules", code="ALL", name="All", condition="document.total > 0")
    invoice = shop.invoice()
    assert invoice["status"] == "pending_approval"
    assert void(shop, invoice)["status"] == "void"
    assert shop.available("PROD001") == "100"
    approvals = shop.api.call("list_approvals").expect(200)["data"]
    assert approvals == []


def test_another_tenants_invoice_is_not_found(shop: Shop, operator) -> None:
    from tests.support.api import Api

    invoice = shop.invoice()
    other = operator.call("create_tenant", {"name": "B", "company": {"currency": "USD", "jurisdiction": "US"}})
    answer = Api(other.expect(201)["id"]).call("void_invoice", {"reason": "x"}, path={"id": invoice["id"]})
    assert answer.status == 404
    assert shop.get(invoice)["status"] == "issued"
