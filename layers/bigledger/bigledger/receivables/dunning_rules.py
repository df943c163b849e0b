"""The rules of dunning: the level an item goes up to, and what a letter costs: fee, shares and interest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bigledger.kernel.money import EXACT, nothing, round_money
from bigledger.records import DunningLevel

_YEAR = Decimal(365)
"""The days of a year for interest (actual/365, as in ERPNext's dunning)."""


@dataclass(frozen=True, slots=True)
class Charges:
    """A fee and interest in the letter's currency, both with its decimals."""

    fee: Decimal
    interest: Decimal

    @property
    def total(self) -> Decimal:
        """What the letter is charged with."""
        return self.fee + self.interest


def charges(level: DunningLevel, currency: str, overdue: Iterable[tuple[Decimal, int]]) -> Charges:
    """What a letter of a level costs; ``overdue`` is what is open of each item and for how many days it is overdue.

    Each item's share and interest is rounded by itself.
    """
    fee = next((round_money(one.amount, currency) for one in level.fees if one.currency == currency), Decimal(0))
    interest = nothing(currency)
    for amount, days in overdue:
        share = EXACT.multiply(amount, level.percent or Decimal(0))
        fee += round_money(EXACT.divide(share, Decimal(100)), currency)
        yearly = EXACT.multiply(amount, level.interest or Decimal(0))
        interest += round_money(EXACT.divide(yearly * days, 100 * _YEAR), currency)
    return Charges(fee + nothing(currency), interest)


def next_level(levels: Sequence[DunningLevel], reached: int | None, days: int) -> int | None:
    """The level that an item overdue so many days goes up to, counted from one; None when it stays where it is."""
    following = reached or 0
    return following + 1 if following < len(levels) and days >= levels[following].days else None
