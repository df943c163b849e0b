"""What taxes come to: base, amount, net and gross of lines and documents."""

from decimal import Decimal
from typing import Any

import pytest

from bigledger.tax import (
    AppliedTax,
    InvalidDiscount,
    TaxableLine,
    TaxComputation,
    TaxCurrencyDiffers,
    TaxPolicy,
    compute,
    explain,
    net_from_gross,
    tax_amounts,
    trace_steps,
)

POLICY = TaxPolicy()


def percent(code: str, rate: str, jurisdiction: str = "DE", **fields: Any) -> AppliedTax:
    return AppliedTax(code, jurisdiction, Decimal(rate), **fields)


def fixed(code: str, rate: str, currency: str = "EUR", **fields: Any) -> AppliedTax:
    return AppliedTax(code, "DE", Decimal(rate), kind="fixed_per_unit", currency=currency, **fields)


def line(quantity: str, unit_price: str, *taxes: AppliedTax, **discount: str) -> TaxableLine:
    return TaxableLine(
        Decimal(quantity), Decimal(unit_price), taxes, **{name: Decimal(value) for name, value in discount.items()}
    )


def totals(computed: TaxComputation) -> tuple[str, str, str]:
    return str(computed.subtotal), str(computed.tax_total), str(computed.total)


def amounts(computed: TaxComputation, number: int = 1) -> list[tuple[str, str, str]]:
    return [(found.tax.code, str(found.base), str(found.amount)) for found in computed.lines[number - 1].taxes]


STATE = percent("STATE", "0.06", "US-CA")
CITY = percent("CITY", "0.0125", "US-CA-SF")


def test_the_main_job_ten_units_under_state_and_city_tax() -> None:
    computed = compute([line("10", "120.00", STATE, CITY)], POLICY, "USD")
    assert totals(computed) == ("1200.00", "87.00", "1287.00")
    assert [found.model_dump(mode="json", exclude_none=True) for found in tax_amounts(computed.lines[0].taxes)] == [
        {"code": "STATE", "jurisdiction": "US-CA", "rate": "0.06", "base": "1200.00", "amount": "72.00"},
        {"code": "CITY", "jurisdiction": "US-CA-SF", "rate": "0.0125", "base": "1200.00", "amount": "15.00"},
    ]
    assert tax_amounts(computed.taxes) == tax_amounts(computed.lines[0].taxes)


def test_taxes_are_listed_by_sequence_then_the_wider_place_first() -> None:
    late = percent("A", "0.01", "US", sequence=20)
    computed = compute([line("1", "100", late, CITY, STATE)], POLICY, "USD")
    assert [found.tax.code for found in computed.taxes] == ["STATE", "CITY", "A"]


def test_a_document_without_lines_is_zero() -> None:
    assert totals(compute([], POLICY, "USD")) == ("0.00", "0.00", "0.00")
    assert totals(compute([], POLICY, "KWD")) == ("0.000", "0.000", "0.000")


def test_lines_with_and_without_tax_stand_side_by_side() -> None:
    computed = compute([line("5", "40.00", percent("T10", "0.1")), line("1", "20.00")], POLICY, "EUR")
    assert totals(computed) == ("220.00", "20.00", "240.00")
    assert [str(found.base) for found in computed.taxes] == ["200.00"]
    assert [str(found.gross) for found in computed.lines] == ["220.00", "20.00"]


def test_a_compound_tax_enters_the_base_of_later_ones_only() -> None:
    excise = percent("EXCISE", "0.1", adds_to_base=True, sequence=20)
    before, after = percent("BEFORE", "0.2", sequence=10), percent("AFTER", "0.2", sequence=30)
    computed = compute([line("1", "100.00", before, excise, after)], POLICY, "EUR")
    assert amounts(computed) == [
        ("BEFORE", "100.00", "20.00"),
        ("EXCISE", "100.00", "10.00"),
        ("AFTER", "110.00", "22.00"),
    ]


def test_compound_taxes_build_on_each_other() -> None:
    first = percent("FIRST", "0.1", adds_to_base=True, sequence=1)
    second = percent("SECOND", "0.1", adds_to_base=True, sequence=2)
    third = percent("THIRD", "0.1", sequence=3)
    computed = compute([line("1", "100.00", first, second, third)], POLICY, "EUR")
    assert [found[2] for found in amounts(computed)] == ["10.00", "11.00", "12.10"]


def test_a_compound_tax_builds_on_the_rounded_tax_the_customer_sees() -> None:
    duty = percent("DUTY", "0.055", adds_to_base=True, sequence=1)
    vat = percent("VAT", "0.2", sequence=2)
    for rounding in ("per_line", "per_document", "en_16931"):
        computed = compute([line("1", "0.99", duty, vat)], TaxPolicy(rounding=rounding), "EUR")
        assert amounts(computed) == [("DUTY", "0.99", "0.05"), ("VAT", "1.04", "0.21")]


def test_a_fixed_tax_follows_the_quantity_not_the_price() -> None:
    eco = fixed("ECO", "0.125")
    computed = compute([line("3", "9.99", eco), line("5", "0.00", eco)], POLICY, "EUR")
    assert [str(found.amount) for found in computed.taxes] == ["1.00"]
    assert [str(found.tax) for found in computed.lines] == ["0.38", "0.62"]


def test_a_fixed_tax_in_another_currency_is_refused() -> None:
    with pytest.raises(TaxCurrencyDiffers) as refused:
        compute([line("3", "9.99", fixed("ECO", "0.125", "EUR"))], POLICY, "USD")
    assert refused.value.members == {"tax": "ECO", "tax_currency": "EUR", "currency": "USD"}


VAT21 = percent("VAT21", "0.21", included_in_price=True)


def test_a_price_with_tax_in_it_is_what_the_customer_pays() -> None:
    computed = compute([line("1", "121.00", VAT21), line("3", "0.99", VAT21)], POLICY, "EUR")
    assert totals(computed) == ("102.45", "21.52", "123.97")
    assert [str(found.gross) for found in computed.lines] == ["121.00", "2.97"]
    assert [str(found.net_unit_price) for found in computed.lines] == ["100.0000", "0.8182"]


def test_a_fixed_tax_within_the_price_leaves_a_net_price_that_needs_no_rounding() -> None:
    bag = fixed("BAG", "0.10", included_in_price=True)
    computed = compute([line("1000", "0.123456", bag)], POLICY, "EUR")
    assert str(computed.lines[0].net_unit_price) == "0.023456"
    assert totals(computed) == ("23.46", "100.00", "123.46")


def test_several_taxes_within_one_price() -> None:
    state = percent("STATE", "0.06", included_in_price=True)
    city = percent("CITY", "0.0125", included_in_price=True, sequence=20)
    computed = compute([line("1", "107.25", state, city)], POLICY, "USD")
    assert totals(computed) == ("100.00", "7.25", "107.25")
    assert amounts(computed) == [("STATE", "100.00", "6.00"), ("CITY", "100.00", "1.25")]


def test_compound_and_fixed_taxes_within_one_price() -> None:
    eco = fixed("ECO", "5", included_in_price=True, adds_to_base=True, sequence=1)
    vat = percent("VAT", "0.2", included_in_price=True, sequence=2)
    computed = compute([line("5", "126.00", eco, vat)], POLICY, "EUR")
    assert totals(computed) == ("500.00", "130.00", "630.00")
    assert amounts(computed) == [("ECO", "500.00", "25.00"), ("VAT", "525.00", "105.00")]
    assert str(computed.lines[0].net_unit_price) == "100.0000"


def test_included_excluded_and_fixed_taxes_on_one_line() -> None:
    vat = percent("VAT", "0.2", included_in_price=True, sequence=1)
    levy = percent("LEVY", "0.05", sequence=2)
    bag = fixed("BAG", "0.10", sequence=3)
    computed = compute([line("10", "12.00", vat, levy, bag)], POLICY, "EUR")
    assert amounts(computed) == [("VAT", "100.00", "20.00"), ("LEVY", "100.00", "5.00"), ("BAG", "100.00", "1.00")]
    assert totals(computed) == ("100.00", "26.00", "126.00")


def test_a_tax_within_the_price_may_fall_on_one_beside_it() -> None:
    duty = percent("DUTY", "0.1", adds_to_base=True, sequence=1)
    vat = percent("VAT", "0.2", included_in_price=True, sequence=2)
    computed = compute([line("1", "122.00", duty, vat)], POLICY, "EUR")
    assert amounts(computed) == [("DUTY", "100.00", "10.00"), ("VAT", "110.00", "22.00")]
    assert totals(computed) == ("100.00", "32.00", "132.00")


def test_a_fixed_tax_within_the_price_is_due_in_full_after_a_discount() -> None:
    eco = fixed("ECO", "5", included_in_price=True, adds_to_base=True, sequence=1)
    vat = percent("VAT", "0.2", included_in_price=True, sequence=2)
    computed = compute([line("2", "126.00", eco, vat, discount_rate="0.5")], POLICY, "EUR")
    assert amounts(computed) == [("ECO", "95.00", "10.00"), ("VAT", "105.00", "21.00")]
    assert totals(computed) == ("95.00", "31.00", "126.00")


def test_the_net_is_multiplied_out_of_the_stated_net_unit_price() -> None:
    lines = [line("500", "12.00", VAT21), line("1", "36.00", VAT21)]
    assert totals(compute(lines, POLICY, "EUR")) == ("4988.45", "1047.55", "6036.00")
    assert totals(compute(lines, TaxPolicy(net_price_decimals="exact"), "EUR")) == ("4988.43", "1047.57", "6036.00")


def test_a_stated_net_price_never_moves_a_line_by_more_than_two_cents() -> None:
    computed = compute([line("1000", "1.00", VAT21), line("1000000", "0.00004", VAT21)], POLICY, "EUR")
    assert [str(found.net_unit_price) for found in computed.lines] == ["0.82645", "0.00003306"]
    assert [str(found.net) for found in computed.lines] == ["826.45", "33.06"]


@pytest.mark.parametrize(
    ("discount", "net", "stated"),
    [
        ({"discount_rate": "0.04"}, "5350.66", "222.94"),
        ({"discount_amount": "73.60"}, "5500.00", "73.60"),
        ({"discount_rate": "1"}, "0.00", "5573.60"),
    ],
)
def test_a_discount_is_a_rate_or_an_amount(discount: dict[str, str], net: str, stated: str) -> None:
    found = compute([line("16", "348.35", **discount)], POLICY, "EUR").lines[0]
    assert (str(found.net), str(found.discount)) == (net, stated)


@pytest.mark.parametrize(
    "discount",
    [
        {"discount_rate": "1.01"},
        {"discount_rate": "-0.1"},
        {"discount_amount": "-1"},
        {"discount_amount": "100.01"},
        {"discount_rate": "0.1", "discount_amount": "1"},
    ],
)
def test_an_impossible_discount_is_refused_with_its_line(discount: dict[str, str]) -> None:
    with pytest.raises(InvalidDiscount) as refused:
        compute([line("1", "1.00"), line("1", "100.00", **discount)], POLICY, "EUR")
    assert refused.value.errors[0]["pointer"] == "/items/1"
    assert refused.value.detail.startswith("The discount of line 2 cannot be applied: ")


def test_a_credit_note_is_the_mirror_of_its_invoice() -> None:
    taxes = (percent("T10", "0.1"),)
    invoice = compute([line("5", "40.01", *taxes, discount_amount="0.99")], POLICY, "EUR")
    credit = compute([line("-5", "40.01", *taxes, discount_amount="0.99")], POLICY, "EUR")
    assert totals(invoice) == ("199.06", "19.91", "218.97")
    assert totals(credit) == ("-199.06", "-19.91", "-218.97")
    assert str(credit.lines[0].discount) == "-0.99"


def test_no_amount_is_ever_minus_zero() -> None:
    taxes = (percent("T10", "0.1"), VAT21)
    for rounding in ("per_line", "per_document", "en_16931"):
        computed = compute([line("-1", "0.001", *taxes), line("0", "5", *taxes)], TaxPolicy(rounding=rounding), "EUR")
        found = [
            *totals(computed),
            *(str(part) for each in computed.lines for part in (each.net, each.tax, each.gross)),
        ]
        assert set(found) == {"0.00"}


def test_numbers_as_large_as_the_wire_carries_stay_exact() -> None:
    computed = compute([line("999999999999999999", "999999999999.99", percent("T", "0.1"))], POLICY, "EUR")
    assert totals(computed) == (
        "999999999999989999000000000000.01",
        "99999999999998999900000000000.00",
        "1099999999999988998900000000000.01",
    )


def test_net_from_gross_takes_every_tax_out_of_a_unit_price() -> None:
    assert net_from_gross(Decimal("130.00"), [percent("P20", "0.2"), fixed("F10", "10")]) == Decimal("100.0000")
    assert net_from_gross(Decimal("12.00"), [VAT21]) == Decimal("9.9174")
    assert net_from_gross(Decimal("12.00"), [VAT21], None) == Decimal("9.917355371901")
    assert net_from_gross(Decimal("12.00"), []) == Decimal("12.0000")
    assert net_from_gross(Decimal("5.00"), [fixed("F10", "10")]) == Decimal("-5.0000")


def test_the_trace_of_a_line_tells_every_step() -> None:
    computed = compute([line("16", "348.35", percent("VAT", "0.22"), discount_rate="0.04")], POLICY, "EUR")
    assert [(step.step, step.text) for step in explain(computed)] == [
        ("line_amount", "Line 1: 16 × 348.35 less the discount = 5350.656, rounded to 5350.66, its net."),
        (
            "document_tax",
            "VAT in DE at 22 % of 5350.66 is 1177.1452 for the document, rounded once, half up, to 1177.15.",
        ),
        ("share", "Line 1 bears 1177.15 of VAT; before rounding 1177.14432."),
        ("total", "Net 5350.66 + tax 1177.15 = 6527.81 EUR."),
    ]


def test_the_trace_tells_taxes_rounded_line_by_line() -> None:
    taxes = (percent("VAT", "0.2", included_in_price=True), fixed("BAG", "0.105"))
    computed = compute([line("1", "1.19", *taxes)], TaxPolicy(rounding="per_line", mode="down"), "EUR")
    assert [(step.step, step.text) for step in explain(computed)] == [
        ("line_amount", "Line 1: 1 × 1.19 = 1.19, the price with the tax it includes."),
        (
            "net_price",
            (
                "Line 1: without the tax it includes, the unit price of 1.19 is 0.9917 and the line's net 0.9917; "
                "1.00 once its taxes are rounded."
            ),
        ),
        ("tax", "Line 1: BAG in DE at 0.105 per unit is 0.105, rounded down to 0.10."),
        ("tax_within", "Line 1: VAT in DE at 20 % within the price is 0.1983, rounded down to 0.19."),
        ("total", "Net 1.00 + tax 0.29 = 1.29 EUR."),
    ]


def test_the_trace_tells_when_the_base_was_summed_before_rounding() -> None:
    computed = compute([line("1", "1.001", percent("P20", "0.2"))] * 100, POLICY, "EUR")
    step = next(found for found in trace_steps(explain(computed)) if found.step == "document_tax")
    assert step.text == (
        "P20 in DE at 20 % of 100.10 (the lines before rounding; as printed they are 100.00) is 20.02 for the "
        "document, rounded once, half up, to 20.02."
    )
    assert step.figures["taxed_base"] == "100.10"
    assert step.figures["exact"] == "20.02"
