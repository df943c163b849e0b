"""The tax trace of an invoice: which rules decided, which rates held, how it was rounded."""

from typing import Any

import pytest

from tests.support.shop import Shop
from tests.support.statements import counted


def trace(shop: Shop, invoice: Any) -> Any:
    """The trace of an invoice."""
    return shop.api.call("get_tax_trace", path={"id": invoice["id"]}).expect(200).json


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    answer = example(path={"id": shop.invoice()["id"]})
    assert (answer.status, answer["tax_total"], answer["reproduced"]) == (200, "87.00", True)


def test_it_tells_rules_rates_and_rounding(shop: Shop) -> None:
    shop.api.record(
        "tax-rules",
        code="BOOKS",
        name="Books",
        jurisdiction="US-CA",
        product_category="BOOK",
        taxes=[],
        reason="culture",
    )
    invoice = shop.invoice()
    answer = trace(shop, invoice)
    assert (answer["invoice"]["code"], answer["place"], answer["taxes"]) == (
        invoice["number"],
        "US-CA-SF",
        invoice["taxes"],
    )
    assert [step["text"] for step in answer["trace"]] == [
        "The place of supply is US-CA-SF, where the customer is; no other ship-to place was given.",
        "Rule BOOKS of US-CA does not apply: it is for the product category BOOK, and this one is none.",
        "In US-CA-SF rule SF decides: CITY.",
        "In US-CA rule CA decides: STATE.",
        "In US no rule applies.",
        "STATE in US-CA is 6 % on 2026-11-23 (since 2020-01-01).",
        "CITY in US-CA-SF is 1.25 % on 2026-11-23 (since 2020-01-01).",
        "Line 1: 10 × 120.00 = 1200.00, its net.",
        "STATE in US-CA at 6 % of 1200.00 is 72 for the document, rounded once, half up, to 72.00.",
        "Line 1 bears 72.00 of STATE; before rounding 72.",
        "CITY in US-CA-SF at 1.25 % of 1200.00 is 15 for the document, rounded once, half up, to 15.00.",
        "Line 1 bears 15.00 of CITY; before rounding 15.",
        "Net 1200.00 + tax 87.00 = 1287.00 USD.",
    ]


def test_rules_that_changed_since_do_not_change_the_invoice_and_the_trace_says_so(shop: Shop) -> None:
    invoice = shop.invoice()
    rates = [{"valid_from": "2020-01-01", "rate": "0.07"}]
    path, seen = {"resource": "taxes", "id": "STATE"}, {"If-Match": "*"}
    shop.api.call("update_record", {"rates": rates}, path=path, headers=seen).expect(200)
    answer = trace(shop, invoice)
    assert (answer["tax_total"], answer["reproduced"]) == ("87.00", False)
    assert shop.get(invoice)["tax_total"] == "87.00"


def test_discounts_and_places_count_as_they_did(shop: Shop) -> None:
    items = [{"product": "PROD001", "quantity": 3, "unit_price": "9.99", "discount_percent": "12.5"}]
    answer = trace(shop, shop.invoice(items=items, ship_to="US-CA"))
    assert (answer["reproduced"], answer["place"], answer["tax_total"]) == (True, "US-CA", "1.57")


def test_it_takes_one_statement_and_knows_its_invoices(shop: Shop) -> None:
    invoice = shop.invoice()
    trace(shop, invoice)
    _, statements = counted(lambda: trace(shop, invoice))
    assert len(statements) <= 2
    shop.api.call("get_tax_trace", path={"id": "INV-2026-000099"}).expect(404)
