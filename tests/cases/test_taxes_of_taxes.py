"""Taxes on taxes, within prices, of the price with tax and per unit, with numbers of other systems' test suites.

Sources: Odoo, addons/account/tests/test_tax.py and test_taxes_computation.py; ERPNext, sales_invoice/
test_sales_invoice.py (test_sales_invoice_calculation_base_currency). Each is worked out alone, and some through the
API as a user would set them up.
"""

from decimal import Decimal
from typing import Any

import pytest

from bigledger.kernel import InvalidRequest
from bigledger.records import Tax, TaxPolicy
from bigledger.tax import AppliedTax, TaxableLine, TaxComputation, compute
from tests.support.api import Api

PER_LINE = TaxPolicy(rounding="per_line")
PER_DOCUMENT = TaxPolicy(rounding="per_document")

Spec = tuple[str, dict[str, Any]]


def tax(rate: str, **fields: Any) -> AppliedTax:
    """A tax by its rate in percent, or per unit."""
    fixed = fields.get("kind") == "fixed_per_unit"
    fields.setdefault("code", f"T{fields.get('sequence', 10)}")
    return AppliedTax(jurisdiction="XX", rate=Decimal(rate) / (1 if fixed else 100), **fields)


def line(price: str, *taxes: AppliedTax, quantity: str = "1", policy: TaxPolicy = PER_LINE) -> TaxComputation:
    return compute([TaxableLine(Decimal(quantity), Decimal(price), list(taxes))], policy, "EUR")


def told(computed: TaxComputation) -> tuple[str, list[tuple[str, str]], str]:
    """Net, base and amount of each tax, and total."""
    return (
        str(computed.subtotal),
        [(str(found.base), str(found.amount)) for found in computed.taxes],
        str(computed.total),
    )


FIRST, SECOND, THIRD, FOURTH, FIFTH = ({"sequence": number} for number in (1, 2, 3, 4, 5))
IN: dict[str, Any] = {"included_in_price": True}
ADDS: dict[str, Any] = {"adds_to_base": True}
ALONE: dict[str, Any] = {"base_taxes": ()}
FIXED: dict[str, Any] = {"kind": "fixed_per_unit"}
GROSS: dict[str, Any] = {"kind": "percent_of_gross"}


@pytest.mark.parametrize(
    ("price", "taxes", "expected"),
    [
        # A fraction of the price with tax beside a fixed and a percentage (test_taxes_ordering).
        (
            "200.00",
            [tax("10", **FIRST, **GROSS), tax("10", **SECOND, **FIXED), tax("10", **THIRD)],
            ("200.00", [("200.00", "22.22"), ("200.00", "10.00"), ("200.00", "20.00")], "252.22"),
        ),
        # One within the price of all its fractions (test_tax_percent_division): what the price holds is its fraction.
        ("200.00", [tax("10", **IN, **GROSS)], ("180.00", [("180.00", "20.00")], "200.00")),
        ("200.00", [tax("10", **IN)], ("181.82", [("181.82", "18.18")], "200.00")),
        # Taxes within and beside the price, the first of them in the base of the others
        # (test_advanced_taxes_computation_0).
        (
            "132.00",
            [tax("10", **FIRST, **IN, **ADDS), tax("10", **SECOND), tax("10", **THIRD, **IN), tax("10", **FOURTH),
             tax("10", **FIFTH, **IN)],
            ("100.00", [("100.00", "10.00"), *[("110.00", "11.00")] * 4], "154.00"),
        ),
        # test_random_case_1, 3, 4 and 8.
        (
            "124.40",
            [tax("8", **FIRST, **IN), tax("0", **SECOND, **IN)],
            ("115.19", [("115.19", "9.21"), ("115.19", "0.00")], "124.40"),
        ),
        (
            "2300.00",
            [tax("15", **FIRST), tax("5.5", **SECOND, **IN)],
            ("2180.09", [("2180.09", "327.01"), ("2180.09", "119.91")], "2627.01"),
        ),
        ("52.50", [tax("12", **IN)], ("46.87", [("46.87", "5.63")], "52.50")),
        (
            "50.00",
            [tax("-20", **FIRST), tax("4", **SECOND, **ADDS), tax("22", **THIRD)],
            ("50.00", [("50.00", "-10.00"), ("50.00", "2.00"), ("52.00", "11.44")], "53.44"),
        ),
        # test_random_case_7.
        ("11.90", [tax("21", **IN)], ("9.83", [("9.83", "2.07")], "11.90")),
        ("2.80", [tax("21", **IN)], ("2.31", [("2.31", "0.49")], "2.80")),
        # A price of nothing that holds a fixed tax (test_fixed_tax_price_included_affect_base_on_0).
        ("0.00", [tax("0.05", **IN, **FIXED)], ("-0.05", [("-0.05", "0.05")], "0.00")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("policy", [PER_LINE, PER_DOCUMENT], ids=lambda policy: policy.rounding)
def test_one_line(price: str, taxes: list[AppliedTax], expected: object, policy: TaxPolicy) -> None:
    """Figures of Odoo's rounding per line; a document of one line has the same under every rounding."""
    assert told(line(price, *taxes, policy=policy)) == expected


@pytest.mark.parametrize(
    ("first", "second", "price", "amounts", "total"),
    [
        ({}, {}, "100.00", ["6.00", "6.00", "3.00"], "115.00"),
        (ADDS, {}, "100.00", ["6.00", "6.36", "3.18"], "115.54"),
        (ADDS, ALONE, "100.00", ["6.00", "6.00", "3.18"], "115.18"),
        (ADDS, ADDS, "100.00", ["6.00", "6.36", "3.37"], "115.73"),
        (ADDS, ADDS | ALONE, "100.00", ["6.00", "6.00", "3.36"], "115.36"),
        (ADDS | IN, ADDS | ALONE | IN, "112.00", ["6.00", "6.00", "3.36"], "115.36"),
        (ADDS | IN, ALONE, "106.00", ["6.00", "6.00", "3.18"], "115.18"),
        (ADDS | IN, {}, "106.00", ["6.00", "6.36", "3.18"], "115.54"),
        (IN, ALONE, "106.00", ["6.00", "6.00", "3.00"], "115.00"),
    ],
)
def test_two_halves_of_a_tax_and_a_tax_on_them(
    first: dict[str, Any], second: dict[str, Any], price: str, amounts: list[str], total: str
) -> None:
    """Odoo's Indian goods and services tax: the second half falls on the net alone, a cess on both."""
    halves = tax("6", **FIRST, **first), tax("6", **SECOND, **second)
    computed = line(price, *halves, tax("3", **THIRD), policy=PER_DOCUMENT)
    assert [str(found.amount) for found in computed.taxes] == amounts
    assert (str(computed.subtotal), str(computed.total)) == ("100.00", total)


@pytest.mark.parametrize("price", ["17.79", "200.00"])
def test_the_two_halves_are_alike(price: str) -> None:
    """Each half of 12 % within a price is the same to the last decimal, before it is rounded."""
    halves = tax("6", **FIRST, **IN, **ADDS), tax("6", **SECOND, **IN, **ADDS, **ALONE)
    computed = line(price, *halves, policy=TaxPolicy(rounding="per_line", net_price_decimals="exact"))
    first, second = computed.lines[0].taxes
    assert first.exact == second.exact
    assert str(computed.total) == price


BRAZIL = ("5", "3", "0.65", "9", "15")


def test_fractions_of_one_price_beside_it() -> None:
    """Odoo's test_division_taxes_for_l10n_br: together they are 32.65 % of 48.00."""
    taxes = [tax(rate, sequence=place, **GROSS) for place, rate in enumerate(BRAZIL)]
    computed = line("32.33", *taxes, policy=PER_DOCUMENT)
    amounts = ["2.40", "1.44", "0.31", "4.32", "7.20"]
    assert told(computed) == ("32.33", [("32.33", amount) for amount in amounts], "48.00")
    assert [str(round(found.exact, 6)) for found in computed.taxes] == [
        "2.400148", "1.440089", "0.312019", "4.320267", "7.200445",
    ]  # fmt: skip


def test_fractions_of_one_price_within_it() -> None:
    taxes = [tax(rate, sequence=place, **GROSS, **IN) for place, rate in enumerate(BRAZIL)]
    computed = line("48.00", *taxes, policy=TaxPolicy(net_price_decimals="exact"))
    amounts = ["2.40", "1.44", "0.31", "4.32", "7.20"]
    assert [str(found.amount) for found in computed.taxes] == amounts
    assert (str(computed.subtotal), str(computed.total)) == ("32.33", "48.00")


def test_fractions_of_a_price_leave_something_of_it() -> None:
    with pytest.raises(InvalidRequest, match="take all of a price"):
        line("100.00", tax("60", **FIRST, **GROSS), tax("40", **SECOND, **GROSS))


@pytest.mark.parametrize(
    ("fixed", "percent", "price", "quantity", "net", "bases", "total"),
    [
        ({}, {}, "20.00", "5", "100.00", ["100.00", "100.00", "100.00"], "136.00"),
        (ADDS, {}, "19.00", "5", "95.00", ["95.00", "100.00", "100.00"], "131.00"),
        (ADDS, IN, "120.00", "1", "99.00", ["99.00", "100.00", "100.00"], "123.00"),
        (ADDS, IN | ADDS, "120.00", "1", "99.00", ["99.00", "100.00", "121.00"], "123.00"),
        ({}, IN | ADDS, "121.00", "1", "100.00", ["100.00", "100.00", "121.00"], "124.00"),
        ({}, ADDS, "100.00", "1", "100.00", ["100.00", "100.00", "121.00"], "124.00"),
        (IN, IN | ADDS, "122.00", "1", "100.00", ["100.00", "100.00", "121.00"], "124.00"),
        (IN, IN, "122.00", "1", "100.00", ["100.00", "100.00", "100.00"], "124.00"),
        (IN | ADDS, IN | ADDS, "121.00", "1", "99.00", ["99.00", "100.00", "121.00"], "123.00"),
    ],
)
def test_a_fixed_tax_before_and_after_a_percentage(
    fixed: dict[str, Any], percent: dict[str, Any], price: str, quantity: str, net: str, bases: list[str], total: str
) -> None:
    """Odoo's test_fixed_taxes_for_l10n_be: 1 a unit, 21 %, 2 a unit."""
    taxes = tax("1", **FIRST, **FIXED, **fixed), tax("21", **SECOND, **percent), tax("2", **THIRD, **FIXED)
    computed = line(price, *taxes, quantity=quantity, policy=PER_DOCUMENT)
    assert (str(computed.subtotal), str(computed.total)) == (net, total)
    assert computed.taxes[1].amount == 21
    assert [str(found.base) for found in computed.taxes] == bases


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_net": False},
        {"base_net": False, "base_taxes": []},
        {"kind": "percent_of_gross", "rates": [{"rate": "1", "valid_from": "2000-01-01"}]},
        {"kind": "percent_of_gross", "currency": "USD"},
        {"kind": "fixed_per_unit", "currency": "USD", "base_taxes": ["OTHER"]},
    ],
)
def test_taxes_that_fall_on_nothing_are_refused(wrong: dict[str, Any]) -> None:
    right = {
        "code": "T",
        "name": "T",
        "jurisdiction": "US",
        "account": "2200",
        "rates": [{"rate": "0.1", "valid_from": "2000-01-01"}],
    }
    assert Tax.model_validate(right).base_net
    with pytest.raises(ValueError, match=r"base_taxes|below 1|currency|quantity"):
        Tax.model_validate(right | wrong)


CHARGES: list[tuple[str, str, dict[str, Any]]] = [
    ("CUSTOMS", "0.10", {}),
    ("EXCISE-10", "0.10", {}),
    ("EXCISE-12", "0.12", {}),
    ("ECESS", "0.02", {"base_net": False, "base_taxes": ["EXCISE-10", "EXCISE-12"]}),
    ("HCESS", "0.01", {"base_net": False, "base_taxes": ["EXCISE-10", "EXCISE-12"]}),
    ("CST", "0.02", {"base_taxes": ["CUSTOMS", "EXCISE-10", "EXCISE-12", "ECESS", "HCESS"]}),
    ("VAT", "0.125", {"base_taxes": []}),
    (
        "DISCOUNT",
        "0.10",
        {"withheld": True, "base_taxes": ["CUSTOMS", "EXCISE-10", "EXCISE-12", "ECESS", "HCESS", "CST", "VAT"]},
    ),
]
"""ERPNext's charges: of the net, of the row before, of the total so far; a discount of all; in this order."""


def test_charges_on_rows_and_totals(api: Api) -> None:
    """1,250.00 of goods and 100.00 of shipping with seven charges come to 1,627.05."""
    for place, (code, rate, fields) in enumerate(CHARGES):
        rates = [{"rate": rate, "valid_from": "2000-01-01"}]
        api.record(
            "taxes", code=code, name=code, jurisdiction="US", rates=rates, account="2200", sequence=place, **fields
        )
    api.record("customers", code="BUYER", name="Buyer", jurisdiction="US")
    goods = ["CUSTOMS", "ECESS", "HCESS", "CST", "VAT", "DISCOUNT"]
    for code, taxes in [
        ("DESKTOP-100", ["EXCISE-10", *goods]),
        ("DESKTOP-200", ["EXCISE-12", *goods]),
        ("SHIPPING", ["CST", "DISCOUNT"]),
    ]:
        api.record("products", code=code, name=code, kind="service", unit="EA", tax_category=code)
        api.record("tax-rules", code=code, name=code, jurisdiction="US", product_category=code, taxes=taxes)
    items = [
        {"product": "DESKTOP-100", "quantity": 10, "unit_price": "50.00"},
        {"product": "DESKTOP-200", "quantity": 5, "unit_price": "150.00"},
        {"product": "SHIPPING", "quantity": 1, "unit_price": "100.00"},
    ]
    quote = api.call("quote_tax", {"customer": "BUYER", "items": items}).expect(200)
    amounts = {found["code"]: Decimal(found["amount"]) for found in quote["taxes"]}
    assert amounts.pop("EXCISE-10") + amounts.pop("EXCISE-12") == Decimal("140.00")
    assert {code: str(amount) for code, amount in amounts.items()} == {
        "CUSTOMS": "125.00",
        "ECESS": "2.80",
        "HCESS": "1.40",
        "CST": "32.38",
        "VAT": "156.25",
        "DISCOUNT": "-180.78",
    }
    assert (quote["subtotal"], quote["total"]) == ("1350.00", "1627.05")
    invoice = api.call("create_invoice", {"customer": "BUYER", "items": items}).expect(201)
    assert (invoice["subtotal"], invoice["total"]) == ("1350.00", "1627.05")


def test_a_fraction_of_the_price_with_tax_through_the_api(api: Api) -> None:
    api.record("customers", code="BUYER", name="Buyer", jurisdiction="BR")
    rates = [{"rate": "0.18", "valid_from": "2000-01-01"}]
    fields: dict[str, Any] = {"jurisdiction": "BR", "kind": "percent_of_gross", "rates": rates, "account": "2200"}
    api.record("taxes", code="ICMS", name="ICMS", **fields)
    api.record("tax-rules", code="BR", name="Brazil", jurisdiction="BR", taxes=["ICMS"])
    api.record("products", code="SHOES", name="Shoes", kind="service", unit="EA")
    items = [{"product": "SHOES", "quantity": 1, "unit_price": "82.00"}]
    invoice = api.call("create_invoice", {"customer": "BUYER", "items": items}).expect(201)
    assert (invoice["tax_total"], invoice["total"]) == ("18.00", "100.00")
    assert (invoice["taxes"][0]["kind"], invoice["taxes"][0]["rate"]) == ("percent_of_gross", "0.18")
    trace = api.call("get_tax_trace", path={"id": invoice["id"]}).expect(200)
    assert "ICMS in BR is 18 % of the price with tax on 2026-11-23 (since 2000-01-01)." in [
        step["text"] for step in trace["trace"]
    ]
