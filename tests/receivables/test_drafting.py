"""Working an invoice out: what every line costs this buyer, and what is refused before anything is made."""

from typing import Any

import pytest

from tests.support.shop import Shop


def refused(shop: Shop, customer: str = "CUST001", /, **fields: Any) -> Any:
    """The problem of an invoice that is not made, with nothing changed by it."""
    before = shop.api.counts()
    problem = shop.invoice(customer, status=422, **fields)
    assert shop.api.counts() == before
    return problem


def test_every_unknown_name_is_told_at_once_the_company_and_the_location_too(shop: Shop) -> None:
    items = [{"product": "PROD001", "quantity": 1}, {"product": "NOPE", "quantity": 1}]
    problem = refused(shop, "NOBODY", company="NONE", location="NOWHERE", payment_terms="NEVER", items=items)
    assert problem["code"] == "unknown_reference"
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
        ("/company", "unknown_company"),
        ("/location", "unknown_location"),
        ("/customer", "unknown_customer"),
        ("/items/1/product", "unknown_product"),
        ("/payment_terms", "unknown_payment_term"),
    ]


@pytest.mark.parametrize("draft", [False, True])
def test_a_quantity_is_no_finer_than_its_unit(shop: Shop, draft: bool) -> None:
    shop.api.record("products", code="WIRE", name="Wire", kind="service", unit="M", sales_price="2.00")
    items = [
        {"product": "WIRE", "quantity": "1.125"},
        {"product": "WIRE", "quantity": "1.1255"},
        {"product": "SERV001", "quantity": "1.5"},
    ]
    problem = refused(shop, items=items, draft=draft)
    assert [(error["pointer"], error["code"], error["message"]) for error in problem["errors"]] == [
        ("/items/1/quantity", "too_many_decimals", "a quantity in M has at most 3 decimals"),
        ("/items/2/quantity", "too_many_decimals", "a quantity in EA has no decimals"),
    ]
    assert shop.invoice(items=items[:1], draft=draft)["subtotal"] == "2.25"


def test_a_product_without_a_price_asks_for_one_on_the_line(shop: Shop) -> None:
    shop.api.record("products", code="FREE", name="Free", kind="service", unit="EA")
    items = [{"product": "PROD001", "quantity": 1}, {"product": "FREE", "quantity": 1}]
    problem = refused(shop, items=items)
    assert problem["code"] == "price_missing"
    assert [error["pointer"] for error in problem["errors"]] == ["/items/1/unit_price"]
    items[1]["unit_price"] = "0.00"
    assert shop.invoice(items=items)["subtotal"] == "120.00"


def test_an_invoice_has_an_end(shop: Shop) -> None:
    items = [{"product": "SERV001", "quantity": 1, "unit_price": "999999999999999.99"}]
    assert shop.invoice("CUST002", items=items)["total"] == "999999999999999.99"
    items = [{"product": "SERV001", "quantity": "999999999999", "unit_price": "999999999999999.999999999999"}]
    problem = refused(shop, "CUST002", items=items)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [("/items", "too_large")]


@pytest.fixture
def germany(shop: Shop) -> Shop:
    """The shop with VAT in its prices in Germany, and an embassy there that is exempt from it."""
    rates = [{"rate": "0.19", "valid_from": "2020-01-01"}]
    shop.api.record("taxes", code="VAT", name="VAT", jurisdiction="DE", included_in_price=True, account="2200",
                    rates=rates)  # fmt: skip
    shop.api.record("tax-rules", code="DE", name="Germany", jurisdiction="DE", taxes=["VAT"])
    shop.api.record("customers", code="EMBASSY", name="Embassy", jurisdiction="DE",
                    exemptions=[{"certificate": "E-1", "valid_from": "2026-01-01"}])  # fmt: skip
    return shop


def test_who_is_exempt_does_not_pay_the_tax_in_the_price(germany: Shop) -> None:
    invoice = germany.invoice("EMBASSY")
    (item,) = invoice["items"]
    assert (item["unit_price"], item["net"], item["taxes"]) == ("100.8403", "1008.40", [])
    assert (invoice["tax_total"], invoice["total"]) == ("0.00", "1008.40")
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in invoice["posting"]["lines"]] == [
        ("1200", "1008.40", "0.00"),
        ("4000", "0.00", "1008.40"),
    ]


def test_a_price_agreed_with_who_is_exempt_is_what_it_pays(germany: Shop) -> None:
    items = [{"product": "PROD001", "quantity": 10, "unit_price": "99.00"}]
    assert germany.invoice("EMBASSY", items=items)["total"] == "990.00"


def test_a_payment_is_written_with_the_currencys_decimals(shop: Shop) -> None:
    shop.invoice()
    payment = shop.pay("500", write_off={"amount": "1", "account": "6300", "reason": "Bank charge"})
    assert (payment["amount"], payment["written_off"], payment["unallocated"]) == ("500.00", "1.00", "0.00")
    assert [(line["debit"], line["credit"]) for line in payment["posting"]["lines"]] == [
        ("500.00", "0.00"),
        ("1.00", "0.00"),
        ("0.00", "501.00"),
    ]
