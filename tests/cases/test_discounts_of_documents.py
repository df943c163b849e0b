"""Discounts on whole invoices, shared over their lines, with numbers of other systems' test suites.

Sources: ERPNext, accounts/doctype/sales_invoice/test_sales_invoice.py
(test_sales_invoice_with_discount_and_inclusive_tax, test_tax_calculation_with_multiple_items_and_discount); Odoo,
addons/account/tests/test_taxes_global_discount.py.
"""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from bigledger.records import TaxPolicy
from bigledger.tax import AppliedTax, DocumentDiscount, TaxableLine, compute
from bigledger.tax.document_discounts import with_discount
from tests.cases.test_rounded_totals import Till, posted
from tests.cases.test_taxes_of_taxes import (
    ADDS,
    ALONE,
    FIRST,
    FIXED,
    GROSS,
    PER_DOCUMENT,
    PER_LINE,
    SECOND,
    THIRD,
    tax,
)
from tests.support.api import Api
from tests.support.integrity import sound


class Shop(Till):
    """A seller of services, each with a tax of its own."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)

    def service(self, code: str, rate: str, **tax: Any) -> None:
        """A service that bears one tax."""
        rated = [{"rate": rate, "valid_from": "2000-01-01"}]
        self.api.record("taxes", code=f"T-{code}", name=code, jurisdiction="US", rates=rated, account="2200", **tax)
        self.api.record("products", code=code, name=code, kind="service", unit="EA", tax_category=code)
        rule = {"jurisdiction": "US", "product_category": code, "taxes": [f"T-{code}"]}
        self.api.record("tax-rules", code=code, name=code, **rule)

    def sell(self, *lines: tuple[str, str, str], status: int = 201, **fields: Any) -> Any:
        """Invoice products, quantities and prices."""
        items = [{"product": code, "quantity": quantity, "unit_price": price} for code, quantity, price in lines]
        body = {"customer": "BUYER", "items": items, **fields}
        answer = self.api.call("create_invoice", body).expect(status).json
        if status == 201:
            quote = self.api.call("quote_tax", body).expect(200).json
            assert (quote["total"], quote["tax_total"]) == (answer["total"], answer["tax_total"])
            trace = self.api.call("get_tax_trace", path={"id": answer["id"]}).expect(200)
            assert trace["reproduced"] is True
        return answer


def sums(invoice: Any) -> tuple[str, str, str]:
    return invoice["subtotal"], invoice["tax_total"], invoice["total"]


def test_a_discount_on_the_net_of_several_lines(api: Api) -> None:
    """975.00 less 75.00, with 24 %: 900.00 and 216.00."""
    shop = Shop(api)
    shop.service("A", "0.24")
    prices = ("75.00", "500.00", "200.00", "100.00", "50.00", "50.00")
    invoice = shop.sell(*(("A", "1", price) for price in prices), discount={"amount": "75.00"})
    assert sums(invoice) == ("900.00", "216.00", "1116.00")
    assert [item["discount"] for item in invoice["items"]] == ["5.77", "38.46", "15.38", "7.69", "3.85", "3.85"]
    assert posted(invoice) == {"1200": Decimal("1116.00"), "4000": Decimal("-900.00"), "2200": Decimal("-216.00")}
    assert invoice["discount"] == {"amount": "75.00", "on": "net"}
    sound(api)


def test_a_discount_on_the_total_of_prices_with_tax(api: Api) -> None:
    """A hundred at 50.00 with 14 % in them are 4,385.96 net; 100.00 off the total leave 4,298.25 of 4,900.00.

    Off the net they leave 4,285.96 of 4,885.99.
    """
    shop = Shop(api)
    shop.service("A", "0.14", included_in_price=True)
    assert sums(shop.sell(("A", "100", "50.00"))) == ("4385.96", "614.04", "5000.00")
    invoice = shop.sell(("A", "100", "50.00"), discount={"amount": "100.00", "on": "total"})
    assert sums(invoice) == ("4298.25", "601.75", "4900.00")
    assert sums(shop.sell(("A", "100", "50.00"), discount={"amount": "100.00"})) == ("4285.96", "600.03", "4885.99")
    assert sums(shop.sell(("A", "100", "50.00"), discount={"percent": 2, "on": "total"})) == sums(invoice)


def test_a_discount_on_the_total_lowers_tax_beside_the_price_in_proportion(api: Api) -> None:
    shop = Shop(api)
    shop.service("A", "0.19")
    shop.service("B", "0.07")
    lines = (("A", "1", "100.00"), ("B", "1", "200.00"))
    assert sums(shop.sell(*lines)) == ("300.00", "33.00", "333.00")
    assert sums(shop.sell(*lines, discount={"amount": "33.30", "on": "total"})) == ("270.00", "29.70", "299.70")
    assert sums(shop.sell(*lines, discount={"percent": 10, "on": "total"})) == ("270.00", "29.70", "299.70")
    assert sums(shop.sell(*lines, discount={"percent": 10})) == ("270.00", "29.70", "299.70")


def test_taxes_per_unit_are_not_lowered(api: Api) -> None:
    """ERPNext leaves actual amounts out of what is discounted: of 115.00 with 5.00 per piece, 110.00 bear 11.00 off."""
    shop = Shop(api)
    shop.service("A", "0.10")
    api.record("taxes", code="PIECE", name="Piece", jurisdiction="US", account="2200", kind="fixed_per_unit",
               currency="USD", rates=[{"rate": "5", "valid_from": "2000-01-01"}])  # fmt: skip
    api.record("products", code="B", name="B", kind="service", unit="EA", tax_category="B")
    rule = {"jurisdiction": "US", "product_category": "B", "taxes": ["T-A", "PIECE"]}
    api.record("tax-rules", code="B", name="B", **rule)
    assert sums(shop.sell(("B", "1", "100.00"))) == ("100.00", "15.00", "115.00")
    assert sums(shop.sell(("B", "1", "100.00"), discount={"amount": "11.00", "on": "total"})) == (
        "90.00",
        "14.00",
        "104.00",
    )


def test_what_rounded_taxes_miss_the_total_by_is_rounding(api: Api) -> None:
    """ERPNext posts the last cent of a discount on the total as a rounding."""
    shop = Shop(api)
    shop.service("A", "0.24")
    invoice = shop.sell(("A", "1", "10.03"), discount={"amount": "1.00", "on": "total"})
    assert sums(shop.sell(("A", "1", "10.03"))) == ("10.03", "2.41", "12.44")
    assert (*sums(invoice), invoice["rounding"]) == ("9.22", "2.21", "11.44", "0.01")
    assert posted(invoice)["6340"] == Decimal("-0.01")
    sound(api)


HALVES = [tax("6", code="A", **FIRST, **ADDS), tax("6", code="B", **SECOND, **ADDS, **ALONE), tax("3", **THIRD)]
HALVES_WITHIN = [replace(one, included_in_price=True) for one in HALVES[:2]] + HALVES[2:]
GROSSES = [tax(rate, code=f"G{place}", **GROSS) for place, rate in enumerate(("5", "3", "0.65", "9", "15"))]
PIECES = [tax("1", code="F", **FIRST, **ADDS, **FIXED), tax("21", **SECOND)]
PIECES_WITHIN = [replace(one, included_in_price=True) for one in PIECES]


@pytest.mark.parametrize("percent", [*range(2, 21)])
@pytest.mark.parametrize(
    ("price", "taxes", "policy", "total", "discounted"),
    [
        ("15.89", HALVES, PER_LINE, "36.64", "36.64"),
        ("15.89", HALVES, PER_DOCUMENT, "36.67", "36.67"),
        ("17.79", HALVES_WITHIN, PER_LINE, "36.64", "36.64"),
        ("32.33", GROSSES, PER_LINE, "96.00", "96.00"),
        ("32.33", GROSSES, PER_DOCUMENT, "96.00", "96.00"),
        ("16.79", PIECES, PER_LINE, "43.06", "40.64"),
        ("16.79", PIECES, PER_DOCUMENT, "43.05", "40.63"),
        ("21.53", PIECES_WITHIN, PER_LINE, "43.06", "40.64"),
    ],
)
def test_a_percentage_of_totals_with_taxes_of_every_kind(
    percent: int, price: str, taxes: list[AppliedTax], policy: TaxPolicy, total: str, discounted: str
) -> None:
    """Odoo: two lines less 2 to 20 %; taxes per piece, and what falls on them, are not lowered."""
    lines = [TaxableLine(Decimal(1), Decimal(price), taxes)] * 2
    assert str(compute(lines, policy, "EUR").total) == total
    expected = Decimal(total) - Decimal(discounted) * percent / 100
    less, left = with_discount(lines, DocumentDiscount(percent=Decimal(percent), on="total"), policy, "EUR")
    assert left == expected.quantize(Decimal("0.01"), ROUND_HALF_UP)
    computed = compute(less, policy, "EUR")
    assert abs(left - computed.total) <= Decimal("0.04"), "what rounding each tax of each line may miss"


@pytest.mark.parametrize(
    ("price", "taxes", "subtotal", "tax_total"),
    [("15.89", HALVES, "31.15", "4.76"), ("17.79", HALVES_WITHIN, "31.15", "4.76")],
)
def test_what_two_percent_leave_of_net_and_tax(
    price: str, taxes: list[AppliedTax], subtotal: str, tax_total: str
) -> None:
    """Odoo: 31.78 and 4.86 less 2 % are 31.15 and 4.76."""
    lines = [TaxableLine(Decimal(1), Decimal(price), taxes)] * 2
    less, left = with_discount(lines, DocumentDiscount(percent=Decimal(2), on="total"), PER_LINE, "EUR")
    computed = compute(less, PER_LINE, "EUR")
    assert (str(computed.subtotal), str(computed.tax_total), computed.total) == (subtotal, tax_total, left)


def test_each_line_is_credited_with_its_part(api: Api) -> None:
    shop = Shop(api)
    shop.service("A", "0.24")
    invoice = shop.sell(("A", "2", "50.00"), ("A", "1", "100.00"), discount={"percent": 10})
    assert sums(invoice) == ("180.00", "43.20", "223.20")

    def credit(*lines: dict[str, Any]) -> Any:
        body = {"reason": "back", "lines": list(lines)}
        key = {"Idempotency-Key": str(lines)}
        return api.call("credit_invoice", body, path={"id": invoice["id"]}, headers=key).expect(201).json

    assert sums(credit({"line": 1, "quantity": 1})) == ("45.00", "10.80", "55.80")
    assert sums(credit({"line": 1}, {"line": 2})) == ("135.00", "32.40", "167.40")
    assert api.call("get_invoice", path={"id": invoice["id"]}).expect(200)["amount_due"] == "0.00"
    sound(api)


def test_it_comes_on_top_of_discounts_of_lines_and_stays_with_a_draft(api: Api) -> None:
    shop = Shop(api)
    shop.service("A", "0.24")
    items = [{"product": "A", "quantity": 1, "unit_price": "100.00", "discount_percent": "20"}]
    body = {"customer": "BUYER", "items": items, "discount": {"percent": 10}, "draft": True}
    draft = api.call("create_invoice", body).expect(201).json
    assert sums(draft) == ("72.00", "17.28", "89.28")
    path = {"id": draft["id"]}
    noted = api.call("update_invoice", {"note": "x"}, path=path, headers={"If-Match": '"1"'}).expect(200)
    assert (noted["total"], noted["discount"]) == ("89.28", {"percent": "10", "on": "net"})
    freed = api.call("update_invoice", {"discount": None}, path=path, headers={"If-Match": '"2"'}).expect(200)
    assert (freed["total"], "discount" in freed.json) == ("99.20", False)


@pytest.mark.parametrize(
    "discount",
    [
        {"amount": "100.01"},
        {"amount": "124.01", "on": "total"},
        {"amount": "10.005"},  # nobody owes or pays a fraction of a cent
        {"amount": "10.0049", "on": "total"},
        {"percent": 101},
        {},
        {"amount": "1", "percent": 1},
    ],
)
def test_no_more_is_taken_off_than_there_is(api: Api, discount: Any) -> None:
    shop = Shop(api)
    shop.service("A", "0.24")
    before = api.counts()
    refused = shop.sell(("A", "1", "100.00"), status=422, discount=discount)
    assert refused["errors"][0]["pointer"].startswith("/discount")
    assert api.counts() == before
