"""The page of an invoice: what stands on it, and that it is a page."""

import base64
from typing import Any

import pytest

from tests.support import pdf
from tests.support.shop import Shop

BANK = {"iban": "GB33BUKB20201555555555", "bic": "BUKBGB22"}


@pytest.fixture(autouse=True)
def letterhead(shop: Shop) -> None:
    """The company is somewhere and has a bank."""
    address = {"street": "1 Market Street", "city": "San Francisco", "postal_code": "94105", "country": "US"}
    change = {"address": address, "bank_account": BANK, "tax_number": "94-1234567", "email": "billing@main.example"}
    path = {"resource": "companies", "id": "MAIN"}
    shop.api.call("update_record", change, path=path, headers={"If-Match": "*"}).expect(200)


@pytest.mark.example
def test_example(example: Any, shop: Shop) -> None:
    invoice = shop.invoice()
    page = example(path={"id": invoice["number"]}, query={"format": "json"}).expect(200)
    assert (page["title"], page["number"], page["total"]) == ("Invoice", invoice["number"], invoice["total"])
    assert page["seller"]["address"] == ["1 Market Street", "94105 San Francisco", "US"]
    assert page["customer"]["name"] == invoice["customer"]["name"]
    assert page["pay_to"] == BANK
    assert (page["paid"], page["amount_due"]) == ("0.00", invoice["total"])


def words(shop: Shop, reference: str, accept: str = "*/*") -> str:
    answer = shop.api.call("get_invoice_pdf", path={"id": reference}, headers={"Accept": accept}).expect(200)
    assert answer.headers["Content-Type"] == "application/pdf"
    return pdf.words(base64.b64decode(answer.text))


def test_the_page_has_numbers_names_taxes_and_how_to_pay(shop: Shop) -> None:
    invoice = shop.invoice()
    told = words(shop, invoice["number"])
    for expected in (
        f"Invoice {invoice['number']}",
        invoice["customer"]["name"],
        "94-1234567",
        *(f"{tax['code']} " for tax in invoice["taxes"]),
        "GB33BUKB20201555555555",
        f"with the reference {invoice['number']}",
    ):
        assert expected in told, told


def test_what_was_paid_is_taken_off(shop: Shop) -> None:
    invoice = shop.invoice()
    path, key = {"id": invoice["id"]}, {"Idempotency-Key": "a"}
    shop.api.call("pay_invoice", {"amount": "100.00"}, path=path, headers=key).expect(201)
    assert "Still due USD" in words(shop, invoice["number"])
    page = shop.api.call("get_invoice_pdf", path=path, query={"format": "json"}).expect(200)
    assert page["paid"] == "100.00"


def test_a_paid_invoice_asks_for_nothing(shop: Shop) -> None:
    """Neither where to pay nor by when stands on it any more."""
    halves = {"code": "HALVES", "name": "Halves", "instalments": [{"percent": "50", "days": 10}, {"days": 30}]}
    shop.api.record("payment-terms", **halves)
    invoice = shop.invoice(payment_terms="HALVES")
    for expected in ("643.50 USD are due on 3 Dec 2026.", "643.50 USD are due on 23 Dec 2026.", "Please pay to"):
        assert expected in words(shop, invoice["number"])
    path = {"id": invoice["id"]}
    shop.api.call("pay_invoice", {"amount": "1287.00"}, path=path, headers={"Idempotency-Key": "a"}).expect(201)
    told = words(shop, invoice["number"])
    assert "Still due USD" in told
    for gone in ("Please pay", "are due on"):
        assert gone not in told
    page = shop.api.call("get_invoice_pdf", path=path, query={"format": "json"}).expect(200)
    assert "pay_to" not in page.json


def test_lines_can_be_multiplied_out(shop: Shop) -> None:
    """2 lamps at 120.00 with 20 % within them are 200.00 net; a discount of 5 % on the whole leaves 190.00."""
    tax = {"jurisdiction": "US-NV", "account": "2200", "included_in_price": True}
    rates = [{"rate": "0.20", "valid_from": "2020-01-01"}]
    shop.api.record("taxes", code="IN", name="Within", rates=rates, **tax)
    shop.api.record("tax-rules", code="NV", name="Nevada", jurisdiction="US-NV", taxes=["IN"])
    items = [{"product": "PROD001", "quantity": 2}]
    invoice = shop.invoice("CUST002", items=items, discount={"percent": "5"})
    page = shop.api.call("get_invoice_pdf", path={"id": invoice["id"]}, query={"format": "json"}).expect(200)
    (line,) = page["lines"]
    assert (line["unit_price"], line["discount"], line["net"]) == ("120.00", "12.00", "190.00")
    assert page["notes"] == [
        "Prices and discounts include tax.",
        "The discounts include one of 5 % on the whole, taken off its net.",
    ]


def test_a_tax_that_rounds_the_total_says_so(shop: Shop) -> None:
    """6 % and 1.25 % of 33.33 are 2.00 and 0.42: 35.75; to whole dollars the largest tax is 0.25 more."""
    rounded = {"currency": "USD", "to": "1.00", "by": "largest_tax"}
    path = {"resource": "companies", "id": "MAIN"}
    change = {"policies": {"rounded_totals": [rounded]}}
    shop.api.call("update_record", change, path=path, headers={"If-Match": "*"}).expect(200)
    invoice = shop.invoice(items=[{"product": "SERV001", "quantity": 1, "unit_price": "33.33"}])
    page = shop.api.call("get_invoice_pdf", path={"id": invoice["id"]}, query={"format": "json"}).expect(200)
    assert ([tax["amount"] for tax in page["taxes"]], page["total"]) == (["2.25", "0.42"], "36.00")
    assert page["notes"] == ["Tax includes 0.25 USD, by which the total is rounded."]


@pytest.mark.parametrize(("state", "title"), [("draft", "Draft invoice"), ("void", "Invoice, cancelled")])
def test_what_is_no_invoice_says_so(shop: Shop, state: str, title: str) -> None:
    invoice = shop.invoice(draft=True) if state == "draft" else shop.invoice()
    if state == "void":
        shop.api.call("void_invoice", {"reason": "ordered twice"}, path={"id": invoice["id"]}).expect(200)
    told = words(shop, invoice["id"])
    assert title in told
    assert ("Please pay" in told) is (state == "draft")


def test_a_long_invoice_goes_on_with_its_heading(shop: Shop) -> None:
    line = {"product": "SERV001", "quantity": 1, "description": "A day & a <night> of advice"}
    customer = shop.invoice()["customer"]["code"]
    invoice = shop.api.call("create_invoice", {"customer": customer, "items": [line] * 90}).expect(201)
    told = words(shop, invoice["id"], "application/pdf")
    assert told.count("Description") == 3
    assert told.replace("\n", "").count("A day & a <night> of advice") == 90
    assert "Page 3" in told


def test_the_same_invoice_gives_the_same_bytes(shop: Shop) -> None:
    path = {"id": shop.invoice()["id"]}
    first = shop.api.call("get_invoice_pdf", path=path).text
    assert first == shop.api.call("get_invoice_pdf", path=path).text
