"""Prices with tax in them: what each tax is worth per net amount and per unit, and the way back to the net."""

from collections.abc import Sequence
from decimal import Decimal, localcontext

from bigledger.tax.model import ZERO, AppliedTax, in_order
from bigledger.tax.rounding import EXACT, round_price


def portions(taxes: Sequence[AppliedTax]) -> list[tuple[Decimal, Decimal]]:
    """What each tax amounts to, as (a, b): a × net amount + b × quantity.

    ``taxes`` are in order. A percentage falls on the net amount and on the taxes before it that add to the base;
    a fixed amount per unit falls on the quantity alone.
    """
    on_net, on_quantity = Decimal(1), ZERO
    found = []
    for tax in taxes:
        if tax.kind == "percent":
            portion = (tax.rate * on_net, tax.rate * on_quantity)
        else:
            portion = (ZERO, tax.rate)
        found.append(portion)
        if tax.adds_to_base:
            on_net += portion[0]
            on_quantity += portion[1]
    return found


def net_from_gross(gross: Decimal, taxes: Sequence[AppliedTax], decimals: int | None = 4) -> Decimal:
    """The unit price without tax that becomes ``gross`` once all the taxes are added.

    Every tax given counts as contained in ``gross``, whatever its ``included_in_price`` says. The result is
    rounded half up to ``decimals`` decimals, twelve when none are given. It is below zero when the fixed taxes
    exceed the price.
    """
    with localcontext(EXACT):
        contained = portions(in_order(taxes))
        fixed = sum((per_unit for _, per_unit in contained), ZERO)
        return round_price((gross - fixed) / (1 + sum((share for share, _ in contained), ZERO)), decimals)
