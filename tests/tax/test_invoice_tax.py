"""What an invoice tells of its taxes: enough to check each figure by hand, and why a tax is missing."""

from decimal import Decimal
from typing import Any

import pytest

from tests.support.shop import Shop

STOUT = {"product": "STOUT", "quantity": 13}
NOTES: dict[str, dict[str, str]] = {
    "exemption": {
        "basis": "exemption",
        "reason": "diplomatic mission",
        "tax": "VAT",
        "certificate": "AA-17",
        "jurisdiction": "DE",
    },
    "rule": {
        "basis": "rule",
        "reason": "VAT exempt, Directive 2006/112/EC art. 132(1)(b)",
        "rule": "DE-CARE",
        "jurisdiction": "DE",
    },
    "no_rule": {"basis": "no_rule"},
}


@pytest.fixture
def clinic(europe: Shop) -> Shop:
    """The shop abroad, selling care that is exempt by a rule."""
    europe.api.record("tax-rules", code="DE-CARE", name="Care", jurisdiction="DE", product_category="CARE", taxes=[],
                      reason=NOTES["rule"]["reason"])  # fmt: skip
    europe.api.record("products", code="CARE", name="Care", kind="service", unit="EA", sales_price="80.00",
                      tax_category="CARE")  # fmt: skip
    return europe


def set_policy(shop: Shop, status: int = 200, **tax: Any) -> Any:
    path = {"resource": "companies", "id": "MAIN"}
    read = shop.api.call("get_record", path=path).expect(200)
    policies = read["policies"] | {"tax": read["policies"]["tax"] | tax}
    headers = {"If-Match": read.headers["ETag"]}
    return shop.api.call("update_record", {"policies": policies}, path=path, headers=headers).expect(status).json


def stored_policy(shop: Shop) -> Any:
    return shop.api.call("get_record", path={"resource": "companies", "id": "MAIN"}).expect(200)["policies"]["tax"]


@pytest.mark.parametrize(
    ("customer", "product", "basis"),
    [("EMBASSY", "PROD001", "exemption"), ("BERLIN", "CARE", "rule"), ("CUST002", "PROD001", "no_rule")],
)
def test_a_line_without_tax_says_why(clinic: Shop, customer: str, product: str, basis: str) -> None:
    """Directive 2006/112/EC art. 226(11), EN 16931 BT-120: an exempt sale differs from one no rule covers."""
    invoice = clinic.invoice(customer, items=[{"product": product, "quantity": 1}])
    for answer in (invoice, clinic.get(invoice)):
        (item,) = answer["items"]
        assert (item["taxes"], item["tax_notes"]) == ([], [NOTES[basis]])
    (event,) = clinic.api.events("invoice.created")
    assert event["data"]["items"][0]["tax_notes"] == [NOTES[basis]]


def test_a_line_exempt_from_one_of_its_taxes_says_so(europe: Shop) -> None:
    (item,) = europe.invoice("BREWER", items=[STOUT])["items"]
    assert [found["code"] for found in item["taxes"]] == ["VAT"]
    assert item["tax_notes"] == [{"basis": "exemption", "tax": "BEER", "certificate": "B-1", "jurisdiction": "DE"}]


def test_a_taxed_line_has_nothing_to_add(shop: Shop) -> None:
    """The item of the main job has its fields and no others."""
    (item,) = shop.invoice("CUST001")["items"]
    assert set(item) == {"line", "product", "description", "quantity", "unit_price", "discount", "net", "taxes"}
    assert {name for found in item["taxes"] for name in found} == {"code", "jurisdiction", "rate", "base", "amount"}


def test_tax_in_the_price_can_be_computed_again_from_the_answer(europe: Shop) -> None:
    """13 × 6.55 less 10 %: 76.64 with tax, 6.50 of it duty, which the VAT of 19 % falls on too."""
    invoice = europe.invoice("BERLIN", items=[STOUT | {"discount_percent": "10"}])
    (item,) = invoice["items"]
    beer = {"code": "BEER", "jurisdiction": "DE", "rate": "0.5", "base": "57.90", "amount": "6.50",
            "kind": "fixed_per_unit", "quantity": "13", "currency": "USD", "included_in_price": True}  # fmt: skip
    vat = {"code": "VAT", "jurisdiction": "DE", "rate": "0.19", "base": "64.40", "amount": "12.24",
           "included_in_price": True}  # fmt: skip
    assert (item["taxes"], invoice["taxes"]) == ([beer, vat], [beer, vat])
    assert (item["price_includes_tax"], item["gross"], item["net"]) == (True, "76.64", "57.90")
    assert Decimal(item["quantity"]) * Decimal(item["unit_price"]) - Decimal(item["discount"]) == Decimal("76.64")
    assert Decimal(beer["quantity"]) * Decimal(beer["rate"]) == Decimal(beer["amount"])


def test_a_fixed_tax_of_a_document_tells_the_units_of_all_lines(europe: Shop) -> None:
    invoice = europe.invoice("BERLIN", items=[STOUT, STOUT])
    assert [found["quantity"] for item in invoice["items"] for found in item["taxes"][:1]] == ["13", "13"]
    assert (invoice["taxes"][0]["quantity"], invoice["taxes"][0]["amount"]) == ("26", "13.00")


def test_an_invoice_keeps_the_policy_and_the_price_list_it_was_computed_by(europe: Shop) -> None:
    """A later change of either leaves what was issued alone, and the invoice says what it followed."""
    europe.api.record("price-lists", code="TRADE", name="Trade", currency="USD",
                      items=[{"product": "PROD001", "unit_price": "110.00"}])  # fmt: skip
    europe.api.record("customers", code="TRADER", name="Trader", jurisdiction="DE", price_list="TRADE")
    draft = europe.invoice("TRADER", draft=True)
    issued = europe.api.call("issue_invoice", path={"id": draft["id"]}).expect(200).json
    agreed = europe.invoice("TRADER", items=[{"product": "PROD001", "quantity": 1, "unit_price": "1.00"}])
    before = {"rounding": "per_document", "mode": "half_up", "net_price_decimals": 4, "no_rule": "no_tax"}
    set_policy(europe, rounding="en_16931", net_price_decimals="exact")
    after = europe.invoice("TRADER")
    assert europe.get(issued)["tax_policy"] == before
    assert after["tax_policy"] == before | {"rounding": "en_16931", "net_price_decimals": "exact"}
    assert [found.get("price_list") for found in (draft, issued, after, agreed)] == ["TRADE", "TRADE", "TRADE", None]


def test_exact_net_prices_can_be_chosen_and_are_kept(europe: Shop) -> None:
    """500 × 12.00 with 19 %: 957.98 is what 6000.00 contains; at four decimals the net is 500 × 10.0840."""
    europe.receive(PROD001="1000")
    items = [{"product": "PROD001", "quantity": 500, "unit_price": "12.00"}]
    assert europe.invoice("BERLIN", items=items)["tax_total"] == "958.00"
    set_policy(europe, net_price_decimals="exact")
    assert stored_policy(europe)["net_price_decimals"] == "exact"
    assert europe.invoice("BERLIN", items=items)["tax_total"] == "957.98"


@pytest.mark.parametrize("decimals", [None, 1, 13, "none"])
def test_other_decimals_are_refused_and_the_policy_stays(shop: Shop, decimals: object) -> None:
    """What is null is left out when it is stored, so it cannot say that prices are exact."""
    problem = set_policy(shop, 422, net_price_decimals=decimals)
    assert [error["pointer"] for error in problem["errors"]] == ["/policies/tax/net_price_decimals"]
    assert stored_policy(shop)["net_price_decimals"] == 4
