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
    problem = void(shop, invoice, 409)
    assert (problem["code"], problem["settled"]) == ("invoice_settled", "100.00")
    assert shop.api.counts() == before
    shop.pay("1187.00")
    assert void(shop, invoice, 409)["code"] == "invoice_settled"
    assert shop.get(invoice)["status"] == "paid"


def test_the_void_is_seen_on_the_invoice(shop: Shop) -> None:
    """What is answered is what is read afterwards: both entries, the day, nothing held any more."""
    invoice = shop.invoice(date="2026-11-02")
    assert [set(line) for line in invoice["posting"]["lines"]] == [
        {"account", "debit", "credit"},
        {"account", "debit", "credit"},
        {"account", "debit", "credit", "tax"},
        {"account", "debit", "credit", "tax"},
    ]
    answer = void(shop, invoice, date="2026-11-20")
    assert shop.get(invoice) == answer
    assert (answer["date"], answer["voided_on"], answer["reservations"]) == ("2026-11-02", "2026-11-20", [])
    assert "credit" not in answer
    names = ("entry", "kind", "date", "debit", "credit")
    assert [(line["account"]["code"], *(line[name] for name in names)) for line in answer["posting"]["lines"]] == [
        ("1200", 1, "original", "2026-11-02", "1287.00", "0.00"),
        ("4000", 1, "original", "2026-11-02", "0.00", "1200.00"),
        ("2200", 1, "original", "2026-11-02", "0.00", "72.00"),
        ("2200", 1, "original", "2026-11-02", "0.00", "15.00"),
        ("1200", 2, "reversal", "2026-11-20", "0.00", "1287.00"),
        ("4000", 2, "reversal", "2026-11-20", "1200.00", "0.00"),
        ("2200", 2, "reversal", "2026-11-20", "72.00", "0.00"),
        ("2200", 2, "reversal", "2026-11-20", "15.00", "0.00"),
    ]


def test_a_void_is_not_dated_before_the_invoice(shop: Shop) -> None:
    """Otherwise revenue would be negative on the days between."""
    invoice = shop.invoice(date="2026-11-20")
    before = shop.api.counts()
    problem = void(shop, invoice, 422, date="2026-11-19")
    assert (problem["code"], problem["invoice"]) == ("dated_too_early", "INV-2026-000001")
    assert problem["invoice_date"] == "2026-11-20"
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [("/date", "dated_too_early")]
    assert shop.api.counts() == before
    assert void(shop, invoice, date="2026-11-20")["voided_on"] == "2026-11-20"


def test_a_void_is_not_dated_in_the_future(shop: Shop) -> None:
    """Nothing is due from now on, so from now on the ledger must not show it as owed either."""
    invoice = shop.invoice()
    before = shop.api.counts()
    problem = void(shop, invoice, 422, date="2026-11-24")
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [("/date", "in_the_future")]
    assert shop.api.counts() == before
    assert void(shop, invoice, date="2026-11-23")["amount_due"] == "0.00"
    assert "1200" not in shop.trial_balance()


def test_an_invoice_of_the_future_is_voided_on_its_own_day(shop: Shop) -> None:
    invoice = shop.invoice(date="2026-12-24")
    assert void(shop, invoice, 422, date="2026-12-25")["errors"][0]["code"] == "in_the_future"
    assert void(shop, invoice)["voided_on"] == "2026-12-24"
    assert "1200" not in shop.trial_balance(as_of="2026-12-24")


def test_an_invoice_of_nothing_can_be_voided_although_it_is_paid(shop: Shop) -> None:
    invoice = shop.invoice(items=[{"product": "PROD001", "quantity": 10, "unit_price": "0.00"}])
    assert (invoice["status"], shop.available("PROD001")) == ("paid", "90")
    answer = void(shop, invoice)
    assert (answer["status"], answer["posting"]) == ("void", {"lines": []})
    assert shop.available("PROD001") == "100"
    assert void(shop, invoice, 409)["code"] == "conflict"


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
