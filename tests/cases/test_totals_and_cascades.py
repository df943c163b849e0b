"""Totals of an invoice with returned goods, an allowance, a charge and a prepayment; taxes in cascades.

Sources: the examples of EN 16931, ubl-tc434-example2.xml (ConnectingEurope/eInvoicing-EN16931); Tryton,
modules/account/tests/test_module.py (test_tax_compute_with_update_unit_price, test_taxable_mixin_many_taxable_lines,
test_tax_compute_with_children_update_unit_price, test_taxable_mixin_tax_residual_rounding and what follows it).
"""

from decimal import Decimal
from typing import Any

import pytest

from bigledger.records import TaxPolicy
from bigledger.tax import AppliedTax, TaxableLine, compute, net_from_gross
from tests.support.api import Api
from tests.support.integrity import sound

RATE: dict[str, Any] = {"valid_from": "2000-01-01"}


@pytest.fixture
def shop(api: Api) -> Api:
    """A seller under the rounding of EN 16931, whose products bear 25 %, 15 % or nothing."""
    path = {"resource": "companies", "id": "MAIN"}
    read = api.call("get_record", path=path).expect(200)
    body = {"policies": read["policies"] | {"tax": read["policies"]["tax"] | {"rounding": "en_16931"}}}
    api.call("update_record", body, path=path, headers={"If-Match": read.headers["ETag"]}).expect(200)
    for code, rate in (("S25", "0.25"), ("S15", "0.15")):
        api.record("taxes", code=code, name=code, jurisdiction="US", account="2200", rates=[RATE | {"rate": rate}])
    for code, taxes in (("S25", ["S25"]), ("S15", ["S15"]), ("E", [])):
        api.record("products", code=code, name=code, kind="service", unit="EA", tax_category=code)
        rule = {"jurisdiction": "US", "product_category": code, "taxes": taxes, "reason": None if taxes else "exempt"}
        api.record("tax-rules", code=code, name=code, **rule)
    api.record("customers", code="BUYER", name="Buyer", jurisdiction="US")
    return api


LINES = [
    ("S25", "1", "1273.00"),
    ("S15", "1", "-3.96"),
    ("S15", "2", "2.48"),
    ("E", "1", "-25.00"),
    ("S25", "250", "0.75"),
    ("S25", "1", "-100.00"),
    ("S25", "1", "100.00"),
]
"""A laptop, books of which one came back, an exempt return, cable, a promotion discount and freight."""


def test_returned_goods_an_allowance_a_charge_and_a_prepayment(shop: Api) -> None:
    """25 % of 1,460.50 are 365.13 (365.125), 15 % of 1.00 are 0.15; 1,000.00 of 1,801.78 were paid before."""
    body = {"customer": "BUYER", "amount": "1000.00", "allocations": []}
    prepaid = shop.call("record_payment", body, headers={"Idempotency-Key": "prepaid"}).expect(201).json
    items = [{"product": product, "quantity": quantity, "unit_price": price} for product, quantity, price in LINES]
    invoice = shop.call("create_invoice", {"customer": "BUYER", "items": items}).expect(201).json
    taxes = {tax["code"]: (tax["base"], tax["amount"]) for tax in invoice["taxes"]}
    assert taxes == {"S25": ("1460.50", "365.13"), "S15": ("1.00", "0.15")}
    assert (invoice["subtotal"], invoice["tax_total"], invoice["total"]) == ("1436.50", "365.28", "1801.78")
    body = {"customer": "BUYER", "sources": [{"document": prepaid["number"]}], "invoices": [{"invoice": invoice["id"]}]}
    made = shop.call("create_allocation", body, headers={"Idempotency-Key": "use"}).expect(201)
    assert made["invoices"][0]["amount_due"] == "801.78"
    sound(shop)


def percent(code: str, rate: str, sequence: int, **fields: Any) -> AppliedTax:
    return AppliedTax(code=code, jurisdiction="XX", rate=Decimal(rate), sequence=sequence, **fields)


ADDS: dict[str, Any] = {"adds_to_base": True}
VAT0 = percent("VAT0", "0.1", 5)
ECO1 = percent("ECO1", "5", 10, kind="fixed_per_unit", **ADDS)
ECO2 = percent("ECO2", "0.5", 15, **ADDS, base_taxes=())
VAT1 = percent("VAT1", "0.2", 20)
ECO3 = percent("ECO3", "0.4", 25, **ADDS)
VAT2 = percent("VAT2", "0.3", 30)


@pytest.mark.parametrize(
    ("taxes", "bases", "amounts", "gross"),
    [
        ([VAT0, ECO1, VAT1], ["100", "100", "105"], ["10", "5", "21"], "136"),
        ([VAT0, ECO1, ECO2, VAT1], ["100", "100", "100", "155"], ["10", "5", "50", "31"], "196"),
        ([VAT0, ECO1, VAT1, VAT2], ["100", "100", "105", "105"], ["10", "5", "21", "31.5"], "167.5"),
        (
            [VAT0, ECO1, VAT1, ECO3, VAT2],
            ["100", "100", "105", "105", "147"],
            ["10", "5", "21", "42", "44.1"],
            "222.1",
        ),
    ],
)
def test_taxes_that_enter_the_base_of_those_after_them(
    taxes: list[AppliedTax], bases: list[str], amounts: list[str], gross: str
) -> None:
    """Tryton's eco-taxes between two rates of VAT, and the way back from the price with all of them."""
    computed = compute([TaxableLine(Decimal(1), Decimal(100), taxes)], TaxPolicy(), "USD")
    assert [found.base for found in computed.taxes] == [Decimal(base) for base in bases]
    assert [found.amount for found in computed.taxes] == [Decimal(amount) for amount in amounts]
    assert computed.total == Decimal(gross)
    assert net_from_gross(Decimal(gross), taxes) == 100


def test_a_fixed_tax_after_one_that_adds_to_the_base() -> None:
    """Tryton: 10 % of two units of 100, then 10 a unit."""
    taxes = [percent("CHILD", "0.1", 1, **ADDS), percent("UNIT", "10", 2, kind="fixed_per_unit")]
    computed = compute([TaxableLine(Decimal(2), Decimal(100), taxes)], TaxPolicy(), "USD")
    assert [(found.base, found.amount) for found in computed.taxes] == [(200, 20), (220, 20)]
    assert net_from_gross(Decimal(120), taxes) == 100


def test_lines_that_share_a_tax() -> None:
    """Tryton: 10 % on both lines, 20 % on the second."""
    first, second = percent("T1", "0.1", 1), percent("T2", "0.2", 2)
    lines = [TaxableLine(Decimal(1), Decimal(10), [first]), TaxableLine(Decimal(1), Decimal(20), [first, second])]
    computed = compute(lines, TaxPolicy(), "USD")
    assert [(found.base, found.amount) for found in computed.taxes] == [(30, 3), (20, 4)]


TOGETHER = TaxPolicy(rounding="per_line_together")
NONE, ONE, OTHER = percent("T0", "0", 0), percent("T1", "0.1", 1), percent("T2", "0.1", 2)


@pytest.mark.parametrize(
    ("price", "taxes", "amounts"),
    [
        ("1.0417", [ONE, OTHER], ["0.11", "0.10"]),
        ("1.0417", [NONE, ONE, OTHER], ["0.00", "0.11", "0.10"]),
        ("-2.95", [ONE, OTHER], ["-0.29", "-0.30"]),
        ("30.00", [ONE], ["3.00"]),
    ],
)
def test_taxes_of_a_line_are_rounded_together(price: str, taxes: list[AppliedTax], amounts: list[str]) -> None:
    """Tryton: a fifth of 1.04 is 0.21 though each tenth of it is 0.10; the first tax with an amount has more."""
    computed = compute([TaxableLine(Decimal(1), Decimal(price), taxes)], TOGETHER, "USD")
    assert [str(found.amount) for found in computed.lines[0].taxes] == amounts
    assert computed.tax_total == sum(map(Decimal, amounts))
    alone = compute([TaxableLine(Decimal(1), Decimal(price), taxes)], TaxPolicy(rounding="per_line"), "USD")
    assert abs(computed.tax_total - alone.tax_total) == (Decimal("0.01") if len(taxes) > 1 else 0)


def test_taxes_within_the_price_keep_the_price() -> None:
    """Only taxes beside the price are rounded together: what the customer pays stays the price."""
    within = percent("IN", "0.1", 1, included_in_price=True), percent("IN2", "0.1", 2, included_in_price=True)
    computed = compute([TaxableLine(Decimal(1), Decimal("1.25"), list(within))], TOGETHER, "USD")
    assert computed.total == Decimal("1.25")


def test_a_company_rounds_the_taxes_of_a_line_together(shop: Api) -> None:
    path = {"resource": "companies", "id": "MAIN"}
    read = shop.call("get_record", path=path).expect(200)
    body = {"policies": read["policies"] | {"tax": read["policies"]["tax"] | {"rounding": "per_line_together"}}}
    shop.call("update_record", body, path=path, headers={"If-Match": read.headers["ETag"]}).expect(200)
    for code in ("T1", "T2"):
        shop.record("taxes", code=code, name=code, jurisdiction="US", account="2200", rates=[RATE | {"rate": "0.1"}])
    shop.record("products", code="P", name="P", kind="service", unit="EA", tax_category="P")
    shop.record("tax-rules", code="P", name="P", jurisdiction="US", product_category="P", taxes=["T1", "T2"])
    items = [{"product": "P", "quantity": 1, "unit_price": "1.0417"}]
    invoice = shop.call("create_invoice", {"customer": "BUYER", "items": items}).expect(201)
    assert [tax["amount"] for tax in invoice["taxes"]] == ["0.11", "0.10"]
    assert (invoice["subtotal"], invoice["tax_total"], invoice["total"]) == ("1.04", "0.21", "1.25")
    shop.call("credit_invoice", {"reason": "Returned"}, path={"id": invoice["id"]}).expect(201)
    sound(shop)
