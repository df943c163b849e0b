"""Which rate holds on a day, read within another statement, and amounts converted by it.

A rate that was set the other way round serves as well: the amount is then divided by it, so that nothing is lost to
a rounded reciprocal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bigledger.kernel import FieldError, Problem
from bigledger.kernel.money import EXACT, plain, round_money


class ExchangeRateMissing(Problem):
    """There is no rate for a currency on that day or before it."""

    title = "There is no exchange rate"


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of a foreign currency in base currency, or the other way round when ``inverse``."""

    rate: Decimal
    inverse: bool = False
    effective_date: date | None = None

    def to_base(self, amount: Decimal, base: str) -> Decimal:
        """An amount of the foreign currency in base currency, rounded to its minor unit."""
        if self.inverse:
            return round_money(EXACT.divide(amount, self.rate), base)
        return round_money(EXACT.multiply(amount, self.rate), base)

    def from_base(self, amount: Decimal, currency: str) -> Decimal:
        """An amount of the base currency in the foreign one, rounded to its minor unit."""
        return Rate(self.rate, not self.inverse).to_base(amount, currency)

    @property
    def per_unit(self) -> Decimal:
        """Base currency for one unit of the foreign one, to twelve decimals where it does not come out even."""
        if not self.inverse:
            return self.rate
        return plain(EXACT.divide(Decimal(1), self.rate).quantize(Decimal("1e-12"), context=EXACT))


SAME = Rate(Decimal(1))
"""The rate of a currency in itself."""


def rate_json(currency: str, base: str, on: str, type: str = "'spot'", known_at: str = "kernel.now()") -> str:
    """SQL of the rate that holds on a day, as JSON for ``read_rate``; each argument is an SQL expression."""

    def latest(one: str, other: str) -> str:
        return f"""
            SELECT r.rate, r.effective_date, r.recorded_at, r.currency FROM currency.exchange_rate r
            WHERE r.type = {type} AND r.currency = {one} AND r.base = {other}
              AND r.effective_date <= {on} AND r.recorded_at <= {known_at}
            ORDER BY r.effective_date DESC, r.recorded_at DESC, r.id DESC LIMIT 1"""

    # Worked out before the search: no index serves a comparison with a sub-select under row-level security.
    asked = f"SELECT {currency} AS currency, {base} AS base OFFSET 0"
    return f"""(
        SELECT jsonb_build_object('rate', found.rate::text, 'inverse', found.currency = asked.base,
                                  'date', found.effective_date)
        FROM ({asked}) asked, LATERAL (
            ({latest("asked.currency", "asked.base")}) UNION ALL ({latest("asked.base", "asked.currency")})) found
        ORDER BY found.effective_date DESC, found.recorded_at DESC LIMIT 1)"""


def read_rate(found: Mapping[str, Any] | None) -> Rate | None:
    """The rate that ``rate_json`` read, or None when there is none."""
    if found is None:
        return None
    return Rate(Decimal(found["rate"]), found["inverse"], date.fromisoformat(found["date"]))


def missing_rate(currency: str, base: str, on: date, pointer: str = "/currency") -> ExchangeRateMissing:
    """What to raise where a rate is needed and there is none."""
    return ExchangeRateMissing(
        f"No rate of {currency} in {base} is known on {on}. Set one with POST /api/v1/exchange-rates, or give the rate"
        " that was agreed.",
        errors=[FieldError(pointer, "exchange_rate_missing", f"no rate of {currency} in {base} on {on}")],
        currency=currency,
        base_currency=base,
    )


def balanced_in_base(amounts: Sequence[Decimal], rate: Rate, base: str) -> list[Decimal]:
    """Amounts that add up to zero, in base currency and still adding up to zero.

    The first, which is the document's total, is converted as it is; what the others are off by through rounding
    falls on the largest of them.
    """
    converted = [rate.to_base(amount, base) for amount in amounts]
    off = sum(converted, Decimal(0))
    if off:
        largest = max(range(1, len(amounts)), key=lambda place: abs(amounts[place]))
        converted[largest] -= off
    return converted
