"""Money: scales of ISO 4217, rounding in one place, and distribution that never loses a cent."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bigledger.kernel.money import CURRENCIES, ROUNDING_MODES, distribute, plain, quantum, round_money, scale

CENT = Decimal("0.01")
checked = settings(deadline=None, max_examples=300)

currencies = st.sampled_from(["USD", "JPY", "KWD", "CLF"])
modes = st.sampled_from(sorted(ROUNDING_MODES))
amounts = st.decimals(-(10**18), 10**18, places=12, allow_nan=False, allow_infinity=False)
"""The largest and finest numbers that come in over the wire: 18 digits before the point and 12 after it."""


@pytest.mark.parametrize(
    ("currency", "places", "unit"),
    [("USD", 2, "0.01"), ("EUR", 2, "0.01"), ("JPY", 0, "1"), ("KWD", 3, "0.001"), ("CLF", 4, "0.0001")],
)
def test_a_currency_has_the_minor_unit_of_iso_4217(currency: str, places: int, unit: str) -> None:
    assert scale(currency) == places
    assert str(quantum(currency)) == unit


def test_currencies_are_the_active_codes() -> None:
    assert {"USD", "EUR", "CHF", "JPY", "KWD", "ZWG"} <= CURRENCIES
    assert CURRENCIES.isdisjoint({"DEM", "XXX", "usd", ""})


@pytest.mark.parametrize(
    ("amount", "currency", "mode", "rounded"),
    [
        ("0.005", "USD", "half_up", "0.01"),
        ("-0.005", "USD", "half_up", "-0.01"),
        ("2.675", "USD", "half_up", "2.68"),
        ("0.0049999999", "USD", "half_up", "0.00"),
        ("0.005", "USD", "half_even", "0.00"),
        ("0.015", "USD", "half_even", "0.02"),
        ("0.0150000001", "USD", "half_even", "0.02"),
        ("0.019", "USD", "down", "0.01"),
        ("-0.019", "USD", "down", "-0.01"),
        ("0.5", "JPY", "half_up", "1"),
        ("1.0005", "KWD", "half_up", "1.001"),
        ("999999999999999999.995", "USD", "half_up", "1000000000000000000.00"),
    ],
)
def test_money_is_rounded_to_the_minor_unit(amount: str, currency: str, mode: str, rounded: str) -> None:
    assert str(round_money(Decimal(amount), currency, mode)) == rounded


def test_half_up_is_the_default() -> None:
    assert round_money(Decimal("2.345"), "USD") == Decimal("2.35")


@checked
@given(amounts, currencies, modes)
def test_rounding_moves_by_half_a_unit_at_most_or_to_the_next_and_only_once(
    amount: Decimal, currency: str, mode: str
) -> None:
    rounded = round_money(amount, currency, mode)
    away = abs(Fraction(rounded) - Fraction(amount))
    unit = Fraction(quantum(currency))
    assert away < unit if mode in ("down", "up") else away <= unit / 2
    assert round_money(rounded, currency, mode) == rounded
    assert round_money(amount.copy_negate(), currency, mode) == rounded.copy_negate()
    assert rounded.as_tuple().exponent == -scale(currency)


@pytest.mark.parametrize(
    ("total", "weights", "unit", "parts"),
    [
        ("100.00", "1 1 1", "0.01", "33.34 33.33 33.33"),
        ("0.05", "1 1", "0.01", "0.03 0.02"),
        ("0.01", "1 1 1", "0.01", "0.01 0.00 0.00"),
        ("-100.00", "1 1 1", "0.01", "-33.34 -33.33 -33.33"),
        ("100.00", "-1 -1 -1", "0.01", "33.34 33.33 33.33"),
        ("10.00", "0 3 0", "0.01", "0.00 10.00 0.00"),
        ("7.00", "0 0", "0.01", "7.00 0.00"),
        ("0.00", "1 2", "0.01", "0.00 0.00"),
        ("10", "1 1 1", "1", "4 3 3"),
        ("1.00", "0.2 0.3 0.5", "0.01", "0.20 0.30 0.50"),
    ],
)
def test_a_total_is_split_by_largest_remainder(total: str, weights: str, unit: str, parts: str) -> None:
    found = distribute(Decimal(total), [Decimal(weight) for weight in weights.split()], Decimal(unit))
    assert found == [Decimal(part) for part in parts.split()]


@pytest.mark.parametrize(
    ("total", "weights", "reason"),
    [
        ("1.00", [], "there are no weights"),
        ("1.00", ["1", "-1"], "weights must have one sign"),
        ("1.005", ["1"], "is not a multiple of 0.01"),
    ],
)
def test_what_cannot_be_split_is_refused(total: str, weights: list[str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        distribute(Decimal(total), [Decimal(weight) for weight in weights], CENT)


units = st.sampled_from([Decimal("0.000001"), Decimal("0.01"), Decimal(1), Decimal("0.05")])
weights = st.lists(st.decimals(0, 10**18, places=12), min_size=1, max_size=30)


@checked
@given(st.integers(-(10**20), 10**20), units, weights, st.sampled_from([1, -1]))
def test_the_parts_add_up_and_are_as_near_as_can_be(
    count: int, unit: Decimal, weights: list[Decimal], sign: int
) -> None:
    total = count * unit
    weights = [sign * weight for weight in weights]
    parts = distribute(total, weights, unit)
    assert sum(map(Fraction, parts)) == Fraction(total)
    assert all(Fraction(part) % Fraction(unit) == 0 for part in parts)
    assert all(part * total >= 0 for part in parts)
    whole = sum(map(Fraction, weights))
    if whole != 0:
        for part, weight in zip(parts, weights, strict=True):
            assert abs(Fraction(part) - Fraction(total) * Fraction(weight) / whole) < Fraction(unit)
    assert distribute(total.copy_negate(), weights, unit) == [part.copy_negate() for part in parts]


@checked
@given(st.integers(0, 10**12), weights)
def test_a_larger_weight_never_gets_less(count: int, weights: list[Decimal]) -> None:
    assume(any(weights))
    parts = distribute(count * CENT, weights, CENT)
    ordered = sorted(zip(weights, parts, strict=True), key=lambda pair: pair[0])
    for (weight, part), (heavier, more) in pairwise(ordered):
        assert more >= part if heavier > weight else abs(more - part) <= CENT


@checked
@given(amounts)
def test_a_plain_number_is_the_same_number_without_exponent_or_zeros(number: Decimal) -> None:
    assert plain(number) == number
    text = format(plain(number), "f")
    assert "." not in text or not text.endswith("0")


@pytest.mark.parametrize(("number", "text"), [("10.00", "10"), ("1E+3", "1000"), ("0.50", "0.5"), ("0.000", "0")])
def test_quantities_are_written_plainly(number: str, text: str) -> None:
    assert format(plain(Decimal(number)), "f") == text
