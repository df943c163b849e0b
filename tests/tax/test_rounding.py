"""Rounding of taxes: per line, per document, modes, currencies; and sums people have complained about elsewhere."""

from decimal import Decimal

import pytest

from bigledger.kernel.money import round_money
from bigledger.tax import AppliedTax, TaxableLine, TaxComputation, TaxPolicy, compute
from bigledger.tax.rounding import apportion, round_price, stated_price

PER_LINE = TaxPolicy(rounding="per_line")
PER_DOCUMENT = TaxPolicy(rounding="per_document")
EN_16931 = TaxPolicy(rounding="en_16931")
EVERY = (PER_LINE, PER_DOCUMENT, EN_16931)


def percent(rate: str, code: str = "VAT", *, included: bool = False) -> AppliedTax:
    return AppliedTax(code, "DE", Decimal(rate), included_in_price=included)


def line(quantity: str, unit_price: str, *taxes: AppliedTax, off: str = "0") -> TaxableLine:
    return TaxableLine(Decimal(quantity), Decimal(unit_price), taxes, discount_rate=Decimal(off))


def totals(lines: list[TaxableLine], policy: TaxPolicy, currency: str = "EUR") -> tuple[str, str, str]:
    computed: TaxComputation = compute(lines, policy, currency)
    assert sum(found.net for found in computed.lines) == computed.subtotal
    assert sum(found.tax for found in computed.lines) == computed.tax_total
    return str(computed.subtotal), str(computed.tax_total), str(computed.total)


@pytest.mark.parametrize("policy", EVERY)
def test_one_line_comes_to_the_same_under_every_rounding(policy: TaxPolicy) -> None:
    """odoo#37896: 348.35 × 16 less 4 %, at 22 %, was 6527.80 or 6527.81 by the rounding method."""
    assert totals([line("16", "348.35", percent("0.22"), off="0.04")], policy) == ("5350.66", "1177.15", "6527.81")


def test_rounding_per_line_and_per_document_differ_by_the_stated_cent_only() -> None:
    """odoo#177192: 10 × 30.75 and 1 × 70.00, both less 5 %, at 15 %: 53.80 by line, 53.79 by document."""
    lines = [line("10", "30.75", percent("0.15"), off="0.05"), line("1", "70.00", percent("0.15"), off="0.05")]
    assert totals(lines, PER_LINE) == ("358.63", "53.80", "412.43")
    assert totals(lines, PER_DOCUMENT) == ("358.63", "53.79", "412.42")
    assert totals(lines, EN_16931) == ("358.63", "53.79", "412.42")


def test_ten_units_on_one_line_or_on_ten_lines() -> None:
    """odoo#155833: 3.60 at 5.5 % is 3.80; ten on one line are 37.98, ten lines 38.00 when rounded by line.

    Tax is due on the amount, not on the unit, so ten units never become 38.00 on one line; rounded for the
    document, ten lines do not either.
    """
    vat = percent("0.055")
    one, ten, lines = [line("1", "3.60", vat)], [line("10", "3.60", vat)], [line("1", "3.60", vat)] * 10
    assert totals(one, PER_LINE)[2] == "3.80"
    assert totals(ten, PER_LINE)[2] == "37.98"
    assert totals(lines, PER_LINE)[2] == "38.00"
    for policy in (PER_DOCUMENT, EN_16931):
        assert [totals(found, policy)[2] for found in (one, ten, lines)] == ["3.80", "37.98", "37.98"]


@pytest.mark.parametrize("policy", EVERY)
def test_the_subtotal_is_the_sum_of_the_printed_lines(policy: TaxPolicy) -> None:
    """odoo#265433: two lines of 100.5 yen print as 101 each, so their subtotal is 202, not 201."""
    computed = compute([line("1", "100.5")] * 2, policy, "JPY")
    assert [str(found.net) for found in computed.lines] == ["101", "101"]
    assert str(computed.subtotal) == "202"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (PER_LINE, ("12.14", "2.56", "14.70")),
        (PER_DOCUMENT, ("12.15", "2.55", "14.70")),
        (EN_16931, ("12.15", "2.55", "14.70")),
    ],
)
def test_prices_with_tax_keep_their_total_whatever_the_rounding(policy: TaxPolicy, expected: tuple[str, ...]) -> None:
    """odoo PR 45700: 11.90 and 2.80 with 21 % in them; the nets give way, never the price."""
    vat = percent("0.21", included=True)
    assert totals([line("1", "11.90", vat), line("1", "2.80", vat)], policy) == expected


@pytest.mark.parametrize("decimals", [4, 12, "exact"])
@pytest.mark.parametrize("rounding", ["per_document", "en_16931"])
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([("0.125", "1.00", "0")] * 100, ("10.92", "2.08", "13.00")),
        ([("1", "0.99", "0.5")] * 100, ("42.02", "7.98", "50.00")),
        ([("0.333", "3.33", "0")] * 100, ("93.28", "17.72", "111.00")),
        ([("3", "9.99", "0"), ("7", "9.99", "0.1")], ("78.08", "14.83", "92.91")),
        ([("7", "1.00", "0")] * 100, ("588.24", "111.76", "700.00")),
    ],
)
def test_the_tax_within_prices_is_what_the_printed_gross_contains(
    lines: list[tuple[str, str, str]], expected: tuple[str, ...], rounding: str, decimals: object
) -> None:
    """Gross × 19/119, rounded once: what rounding a line or stating a net price takes or gives is no tax.

    The total is the sum of the printed lines. Base × rate (BR-CO-17) comes to the same wherever whole cents allow:
    588.24 × 19 % is 111.77 and 588.23 × 19 % is 111.76, so that no base and tax of 700.00 multiply out.
    """
    vat = percent("0.19", included=True)
    policy = TaxPolicy.model_validate({"rounding": rounding, "net_price_decimals": decimals})
    assert totals([line(quantity, price, vat, off=off) for quantity, price, off in lines], policy) == expected
    net, tax, gross = map(Decimal, expected)
    assert tax == round_money(gross * 19 / 119, "EUR")
    assert abs(tax - net * Decimal("0.19")) <= Decimal("0.005") * Decimal("1.19")


def test_a_stated_net_price_holds_for_the_whole_document_or_not_at_all() -> None:
    """A line of 500 × 12.00 may be two cents off by its price of 9.9174, two of them may not be four."""
    vat = percent("0.21", included=True)
    assert totals([line("500", "12.00", vat)], PER_DOCUMENT) == ("4958.70", "1041.30", "6000.00")
    assert totals([line("500", "12.00", vat)] * 2, PER_DOCUMENT) == ("9917.36", "2082.64", "12000.00")
    apart = [line("500", "12.00", vat), TaxableLine(Decimal(500), Decimal("12.00"), [vat])]
    assert totals(apart, PER_DOCUMENT) == ("9917.36", "2082.64", "12000.00")


def test_a_line_that_needs_no_rounding_bears_none_of_it() -> None:
    """odoo PR 154861: 54.45, 600.00 and -500.00 at 10 %: the odd cent belongs to the first line."""
    computed = compute([line("1", price, percent("0.1")) for price in ("54.45", "600", "-500")], PER_DOCUMENT, "EUR")
    assert [str(found.tax) for found in computed.lines] == ["5.45", "60.00", "-50.00"]
    assert (str(computed.subtotal), str(computed.tax_total)) == ("154.45", "15.45")


def test_two_taxes_are_rounded_apart_and_then_added() -> None:
    """odoo PR 117616: 50.40 and 47.21, each with its own tax of 17 %: 8.57 + 8.03."""
    lines = [line("1", "50.4", percent("0.17", "A")), line("1", "47.21", percent("0.17", "B"))]
    assert totals(lines, PER_DOCUMENT) == ("97.61", "16.60", "114.21")


def test_a_hundred_lines_with_a_fraction_of_a_cent() -> None:
    lines = [line("1", "1.001", percent("0.2"))] * 100
    assert totals(lines, PER_LINE) == ("100.00", "20.00", "120.00")
    assert totals(lines, PER_DOCUMENT) == ("100.00", "20.02", "120.02")
    assert totals(lines, EN_16931) == ("100.00", "20.00", "120.00")


def test_a_document_tax_is_shared_by_largest_remainder() -> None:
    """0.334 on each of three lines makes 1.00: the earliest line takes the cent that is left."""
    computed = compute([line("1", "3.34", percent("0.1"))] * 3, PER_DOCUMENT, "EUR")
    assert [str(found.tax) for found in computed.lines] == ["0.34", "0.33", "0.33"]
    assert str(computed.tax_total) == "1.00"


@pytest.mark.parametrize(
    ("mode", "tax"),
    [("half_up", "0.13"), ("half_even", "0.12"), ("down", "0.12")],
)
def test_the_mode_rounds_the_tax(mode: str, tax: str) -> None:
    for rounding in ("per_line", "per_document", "en_16931"):
        policy = TaxPolicy.model_validate({"rounding": rounding, "mode": mode})
        assert totals([line("1", "1.25", percent("0.1"))], policy)[1] == tax
        assert totals([line("-1", "1.25", percent("0.1"))], policy)[1] == f"-{tax}"


def test_the_mode_leaves_amounts_of_goods_alone() -> None:
    """Rounding tax down, as Japanese practice allows, must not round the seller's price down."""
    policy = TaxPolicy(mode="down")
    assert totals([line("1", "100.5", percent("0.1"))], policy, "JPY") == ("101", "10", "111")
    included = [line("1", "999", percent("0.1", included=True))]
    assert totals(included, policy, "JPY") == ("909", "90", "999")


def test_a_division_leaves_no_nines_to_be_rounded_down() -> None:
    """1.00 with 6 % and 14 % in it holds 0.05 and 0.11666…; three of them hold 0.15 and 0.35 exactly."""
    taxes = (percent("0.06", "A", included=True), percent("0.14", "B", included=True))
    for decimals in ("exact", 4):
        policy = TaxPolicy.model_validate({"rounding": "per_line", "mode": "down", "net_price_decimals": decimals})
        single = compute([line("1", "1.00", *taxes)], policy, "EUR")
        assert [str(found.amount) for found in single.taxes] == ["0.05", "0.11"]
    policy = TaxPolicy(mode="down", net_price_decimals="exact")
    three = compute([line("1", "1.00", *taxes)] * 3, policy, "EUR")
    assert [str(found.amount) for found in three.taxes] == ["0.15", "0.35"]


@pytest.mark.parametrize(
    ("currency", "expected"),
    [
        ("JPY", ("37", "3", "40")),
        ("USD", ("37.04", "3.06", "40.10")),
        ("KWD", ("37.037", "3.056", "40.093")),
    ],
)
def test_amounts_have_the_currencys_decimals(currency: str, expected: tuple[str, ...]) -> None:
    assert totals([line("3", "12.3456789", percent("0.0825"))], PER_DOCUMENT, currency) == expected


def decimals(*numbers: str) -> list[Decimal]:
    return [Decimal(number) for number in numbers]


def test_shares_stay_nearest_to_their_exact_amounts() -> None:
    assert apportion(Decimal("1.00"), decimals("0.334", "0.333", "0.333"), "EUR") == decimals("0.34", "0.33", "0.33")
    assert apportion(Decimal("0.98"), decimals("0.326", "0.328", "0.327"), "EUR") == decimals("0.32", "0.33", "0.33")
    assert apportion(Decimal("1.00"), decimals("0.375", "0.625"), "EUR") == decimals("0.38", "0.62")
    assert apportion(Decimal("15.45"), decimals("5.445", "60", "-50"), "EUR") == decimals("5.45", "60.00", "-50.00")


def test_a_zero_line_gets_no_share_of_a_rest() -> None:
    assert apportion(Decimal("0.21"), decimals("0", "0.196"), "EUR") == decimals("0.00", "0.21")
    assert apportion(Decimal("0.03"), decimals("0", "0", "0"), "EUR") == decimals("0.01", "0.01", "0.01")


def test_prices_are_rounded_half_up() -> None:
    assert round_price(Decimal("9.91735"), 4) == Decimal("9.9174")
    assert round_price(Decimal("-9.91735"), 4) == Decimal("-9.9174")
    assert round_price(Decimal(1) / Decimal(3), None) == Decimal("0.333333333333")


def test_a_stated_price_takes_as_many_decimals_as_its_quantity_needs() -> None:
    exact = Decimal(1) / Decimal("1.21")
    assert stated_price(exact, Decimal(100), 4, "EUR") == Decimal("0.8264")
    assert stated_price(exact, Decimal(1000), 4, "EUR") == Decimal("0.82645")
    assert stated_price(Decimal("0.00002"), Decimal(1), 4, "EUR") == Decimal("0.00002")
    assert stated_price(Decimal(0), Decimal(1000), 4, "EUR") == Decimal("0.0000")
    assert stated_price(exact, Decimal(10) ** 13, 4, "EUR") == exact
