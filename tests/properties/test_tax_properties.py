"""What holds for every document, whatever its lines, taxes, policy and currency."""

from dataclasses import replace
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from bigledger.kernel.money import EXACT, quantum, round_money
from bigledger.tax import (
    AppliedTax,
    Supply,
    Tax,
    TaxableLine,
    TaxComputation,
    TaxPolicy,
    TaxRule,
    compute,
    determine,
    explain,
    net_from_gross,
)
from bigledger.tax.model import in_order
from bigledger.tax.prices import portions
from bigledger.tax.rounding import apportion

checked = settings(deadline=None, max_examples=60)

ROUNDINGS: tuple[Literal["per_line", "per_document", "en_16931"], ...] = ("per_line", "per_document", "en_16931")
currencies = st.sampled_from(["JPY", "USD", "KWD"])
modes: st.SearchStrategy[Literal["half_up", "half_even", "down"]] = st.sampled_from(["half_up", "half_even", "down"])


def numbers(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=places)


kinds: st.SearchStrategy[Literal["percent", "fixed_per_unit"]] = st.sampled_from(
    ["percent", "percent", "fixed_per_unit"]
)
percentages = numbers("0", "0.5", 4)
unit_amounts = numbers("0", "3", 2)
quantities = st.one_of(st.integers(-50, 200).map(Decimal), numbers("-50", "50", 3))
prices = st.one_of(numbers("0", "500", 2), numbers("0", "2", 4))
discount_rates = st.sampled_from([Decimal(0), Decimal("0.125")])


@st.composite
def some_taxes(draw: st.DrawFn, included: bool | None = None) -> AppliedTax:
    kind = draw(kinds)
    return AppliedTax(
        code=draw(st.sampled_from("ABCDEF")),
        jurisdiction=draw(st.sampled_from(["US", "US-CA", "US-CA-SF"])),
        rate=draw(percentages if kind == "percent" else unit_amounts),
        kind=kind,
        included_in_price=draw(st.booleans()) if included is None else included,
        adds_to_base=draw(st.booleans()),
        sequence=draw(st.integers(1, 3)),
    )


@st.composite
def some_lines(draw: st.DrawFn, included: bool | None = None, count: int = 6) -> list[TaxableLine]:
    pool = draw(st.lists(some_taxes(included), min_size=1, max_size=4))
    bundles = st.lists(st.sampled_from(pool), max_size=3, unique=True).map(tuple)
    lines = st.builds(TaxableLine, quantities, prices, bundles, discount_rates, st.just(Decimal(0)))
    return draw(st.lists(lines, min_size=1, max_size=count))


@st.composite
def policies(draw: st.DrawFn) -> TaxPolicy:
    return TaxPolicy(
        rounding=draw(st.sampled_from(ROUNDINGS)),
        mode=draw(modes),
        net_price_decimals=draw(st.sampled_from(["exact", 2, 4, 6])),
    )


def charged(line: TaxableLine, currency: str) -> Decimal:
    return round_money(line.quantity * line.unit_price * (1 - line.discount_rate), currency)


def figures(computed: TaxComputation) -> tuple[Decimal, Decimal, Decimal]:
    return computed.subtotal, computed.tax_total, computed.total


@checked
@given(some_lines(), policies(), currencies)
def test_everything_adds_up_always(lines: list[TaxableLine], policy: TaxPolicy, currency: str) -> None:
    computed = compute(lines, policy, currency)
    assert sum(line.net for line in computed.lines) == computed.subtotal
    assert sum(line.tax for line in computed.lines) == computed.tax_total
    assert sum(line.gross for line in computed.lines) == computed.total
    assert sum(total.amount for total in computed.taxes) == computed.tax_total
    assert computed.subtotal + computed.tax_total == computed.total
    for line in computed.lines:
        assert sum(found.amount for found in line.taxes) == line.tax
        assert line.net + line.tax == line.gross
    for total in computed.taxes:
        borne = [found for line in computed.lines for found in line.taxes if found.tax == total.tax]
        assert sum(found.amount for found in borne) == total.amount
        assert sum(found.base for found in borne) == total.base
    unit = quantum(currency)
    amounts = [part for line in computed.lines for part in (line.net, line.tax, line.gross, line.discount)]
    assert all(amount.as_tuple().exponent == unit.as_tuple().exponent for amount in amounts)


@checked
@given(some_lines(), policies(), currencies)
def test_a_price_is_never_changed_by_a_minor_unit(lines: list[TaxableLine], policy: TaxPolicy, currency: str) -> None:
    for line in compute(lines, policy, currency).lines:
        within = sum(found.amount for found in line.taxes if found.tax.included_in_price)
        assert line.net + within == charged(line.line, currency)


@checked
@given(some_lines(included=True), policies(), currencies)
def test_with_all_taxes_in_the_prices_the_total_is_what_was_charged(
    lines: list[TaxableLine], policy: TaxPolicy, currency: str
) -> None:
    assert compute(lines, policy, currency).total == sum(charged(line, currency) for line in lines)


@checked
@given(some_lines(), policies(), currencies)
def test_negated_quantities_give_the_mirror_image(lines: list[TaxableLine], policy: TaxPolicy, currency: str) -> None:
    computed = compute(lines, policy, currency)
    mirrored = compute([line._replace(quantity=-line.quantity) for line in lines], policy, currency)
    assert figures(mirrored) == tuple(-figure for figure in figures(computed))
    assert [-line.tax for line in mirrored.lines] == [line.tax for line in computed.lines]


@checked
@given(some_lines(count=1), policies(), currencies)
def test_one_line_has_the_same_tax_under_every_rounding(
    lines: list[TaxableLine], policy: TaxPolicy, currency: str
) -> None:
    found = {
        figures(compute(lines, policy.model_copy(update={"rounding": rounding}), currency)) for rounding in ROUNDINGS
    }
    assert len(found) == 1


@checked
@given(some_lines(included=False), policies(), currencies, st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_change_the_document(
    lines: list[TaxableLine], policy: TaxPolicy, currency: str, random: Any
) -> None:
    """Taxes on taxes are left out: there the odd cent of a tie may fall on a line with another further tax."""
    lines = [line._replace(taxes=tuple(replace(found, adds_to_base=False) for found in line.taxes)) for line in lines]
    shuffled = random.sample(lines, len(lines))
    assert figures(compute(shuffled, policy, currency)) == figures(compute(lines, policy, currency))


@checked
@given(some_lines(), modes, currencies)
def test_en_16931_tax_is_the_printed_base_times_the_rate(lines: list[TaxableLine], mode: Any, currency: str) -> None:
    """BR-CO-17, for percentages beside the price."""
    for total in compute(lines, TaxPolicy(rounding="en_16931", mode=mode), currency).taxes:
        if total.tax.kind == "percent" and not total.tax.included_in_price:
            assert total.amount == round_money(total.base * total.tax.rate, currency, mode)


@checked
@given(some_lines(), modes, currencies)
def test_no_line_bears_a_whole_unit_more_or_less_than_its_own_tax(
    lines: list[TaxableLine], mode: Any, currency: str
) -> None:
    for line in compute(lines, TaxPolicy(rounding="en_16931", mode=mode), currency).lines:
        for found in line.taxes:
            assert abs(found.amount - found.exact) < quantum(currency)


@checked
@given(some_lines(), policies(), currencies)
def test_a_line_of_no_value_bears_no_percentage(lines: list[TaxableLine], policy: TaxPolicy, currency: str) -> None:
    lines.append(lines[0]._replace(quantity=Decimal(0)))
    last = compute(lines, policy, currency).lines[-1]
    assert {last.net, last.tax, last.gross} == {Decimal(0)}


def rounded(exact: Fraction, currency: str, mode: str) -> Decimal:
    """An exact fraction of money, rounded without any decimal arithmetic."""
    units = abs(exact) / Fraction(quantum(currency))
    whole, rest = divmod(units.numerator, units.denominator)
    twice = 2 * rest - units.denominator
    up = {"half_up": twice >= 0, "half_even": twice > 0 or (twice == 0 and whole % 2 == 1), "down": False}[mode]
    return (whole + up) * quantum(currency) * (1 if exact >= 0 else -1)


@checked
@given(
    st.lists(st.tuples(numbers("0", "99", 2), st.integers(-5, 9)), min_size=1, max_size=6),
    st.lists(numbers("0", "0.3", 2), min_size=1, max_size=3),
    modes,
    currencies,
)
def test_taxes_within_a_price_are_rounded_from_the_exact_fraction(
    sold: list[tuple[Decimal, int]], rates: list[Decimal], mode: Literal["half_up", "half_even", "down"], currency: str
) -> None:
    taxes = tuple(AppliedTax(f"T{number}", "DE", rate, included_in_price=True) for number, rate in enumerate(rates))
    lines = [TaxableLine(Decimal(quantity), price, taxes) for price, quantity in sold]
    factor = 1 + sum(map(Fraction, rates))
    exact = [[Fraction(charged(line, currency)) * Fraction(rate) / factor for rate in rates] for line in lines]
    policy = TaxPolicy(rounding="per_line", mode=mode, net_price_decimals="exact")
    by_line = compute(lines, policy, currency)
    for line, wanted in zip(by_line.lines, exact, strict=True):
        assert [found.amount for found in line.taxes] == [rounded(amount, currency, mode) for amount in wanted]
    by_document = compute(lines, policy.model_copy(update={"rounding": "per_document"}), currency)
    wanted_totals = [rounded(sum(column, Fraction(0)), currency, mode) for column in zip(*exact, strict=True)]
    assert [found.amount for found in by_document.taxes] == wanted_totals


@checked
@given(
    st.lists(st.tuples(quantities, prices, discount_rates), min_size=1, max_size=20),
    st.lists(some_taxes(included=True), min_size=1, max_size=3),
    policies(),
    currencies,
)
def test_the_tax_within_prices_is_what_the_printed_gross_contains(
    sold: list[tuple[Decimal, Decimal, Decimal]], taxes: list[AppliedTax], policy: TaxPolicy, currency: str
) -> None:
    """Rounded once for each tax, so within half a minor unit; whole units when rounding down.

    A stated net unit price may move the net of all lines by two minor units of what is printed, and only when some
    line is quantity × price to the minor unit.
    """
    taxes = list(in_order(set(taxes)))
    policy = policy.model_copy(update={"rounding": "per_document" if policy.rounding == "per_line" else "en_16931"})
    lines = [TaxableLine(quantity, price, tuple(taxes), off) for quantity, price, off in sold]
    computed = compute(lines, policy, currency)
    assert computed.total == sum(charged(line, currency) for line in lines)
    found = [(Fraction(on_net), Fraction(per_unit)) for on_net, per_unit in portions(taxes)]
    units = sum(Fraction(line.quantity) for line in lines)
    fixed = sum(per_unit for _, per_unit in found)
    net = (Fraction(computed.total) - fixed * units) / (1 + sum(on_net for on_net, _ in found))
    unit = Fraction(quantum(currency))
    allowed = unit if policy.mode == "down" else unit / 2
    multiplied = any(not line.discount_rate and charged(line, currency) == line.quantity * line.unit_price
                     for line in lines)  # fmt: skip
    moved = 3 * unit if multiplied and policy.net_price_decimals != "exact" else 0
    for total, (on_net, per_unit) in zip(computed.taxes, found, strict=True):
        assert abs(Fraction(total.amount) - on_net * net - per_unit * units) <= allowed + moved
    if len(taxes) == 1 and taxes[0].kind == "percent" and policy.mode != "down" and not moved:
        (total,) = computed.taxes
        by_base = Fraction(total.base) * Fraction(taxes[0].rate)
        assert abs(Fraction(total.amount) - by_base) <= allowed * (1 + Fraction(taxes[0].rate))  # BR-CO-17


@checked
@given(numbers("0.01", "999", 2), st.integers(1, 30), numbers("0", "0.3", 3), currencies)
def test_splitting_a_line_does_not_change_the_documents_tax(
    price: Decimal, count: int, rate: Decimal, currency: str
) -> None:
    taxes = (AppliedTax("VAT", "DE", rate),)
    policy = TaxPolicy(rounding="per_document")
    whole = compute([TaxableLine(Decimal(count), price, taxes)], policy, currency)
    split = compute([TaxableLine(Decimal(1), price, taxes)] * count, policy, currency)
    assert whole.tax_total == split.tax_total


@checked
@given(numbers("0", "9999", 4), st.lists(some_taxes(), max_size=4))
def test_net_from_gross_undoes_adding_the_taxes(net: Decimal, taxes: list[AppliedTax]) -> None:
    ordered = sorted(taxes, key=lambda tax: (tax.sequence, tax.jurisdiction.count("-"), tax.code, tax.rate))
    with localcontext(EXACT):
        gross = net + sum(on_net * net + per_unit for on_net, per_unit in portions(ordered))
    assert net_from_gross(gross, taxes) == net


@checked
@given(st.lists(numbers("-99", "99", 4), min_size=1, max_size=20), st.integers(-40, 40), currencies)
def test_shares_add_up_to_any_total(exact: list[Decimal], more: int, currency: str) -> None:
    total = round_money(sum(exact, Decimal(0)), currency) + more * quantum(currency)
    shares = apportion(total, exact, currency)
    assert sum(shares) == total
    assert apportion(-total, [-amount for amount in exact], currency) == [-share for share in shares]


@checked
@given(some_lines(), policies(), currencies)
def test_every_computation_can_be_explained(lines: list[TaxableLine], policy: TaxPolicy, currency: str) -> None:
    computed = compute(lines, policy, currency)
    steps = explain(computed)
    assert [step.step for step in steps].count("line_amount") == len(lines)
    assert steps[-1].text == f"Net {computed.subtotal} + tax {computed.tax_total} = {computed.total} {currency}."
    assert all("{" not in step.text for step in steps)


PLACES = ["US", "US-CA", "US-CA-SF", "DE"]
RATES = [{"valid_from": "2020-01-01", "rate": "0.05"}]
TAXES = {
    code: Tax.model_validate({"code": code, "name": code, "jurisdiction": "US", "account": "2200", "rates": RATES})
    for code in "ABC"
}


@st.composite
def rule_sets(draw: st.DrawFn) -> list[TaxRule]:
    return [
        TaxRule.model_validate(
            {
                "code": f"R{number}",
                "name": "Rule",
                "jurisdiction": draw(st.sampled_from(PLACES)),
                "product_category": draw(st.sampled_from([None, "FOOD", "TOOLS"])),
                "customer_category": draw(st.sampled_from([None, "GOVERNMENT"])),
                "taxes": draw(st.lists(st.sampled_from("ABC"), unique=True, max_size=2)),
                "reason": "as the law says",
                "replaces_wider": draw(st.booleans()),
                "sequence": draw(st.integers(1, 2)),
            }
        )
        for number in range(draw(st.integers(0, 8)))
    ]


@checked
@given(
    rule_sets(),
    st.sampled_from(PLACES),
    st.sampled_from([None, "FOOD"]),
    st.sampled_from([None, "GOVERNMENT"]),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rules_does_not_decide(
    rules: list[TaxRule], place: str, product: str | None, customer: str | None, random: Any
) -> None:
    supply = Supply(date(2026, 1, 1), customer=place, product_category=product, customer_category=customer)
    found = determine(supply, rules, TAXES)
    assert determine(supply, random.sample(rules, len(rules)), TAXES) == found
    allowed = {
        code
        for rule in rules
        if place == rule.jurisdiction or place.startswith(rule.jurisdiction + "-")
        for code in rule.taxes
    }
    assert {tax.code for tax in found.taxes} <= allowed
