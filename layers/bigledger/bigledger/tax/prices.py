"""Prices with tax in them: what each tax is worth per net amount and per unit, and the way back to the net."""

from collections.abc import Sequence
from decimal import Decimal, localcontext

from bigledger.kernel.money import EXACT, plain
from bigledger.records import TaxPolicy
from bigledger.tax.model import ZERO, AppliedTax, Determination, in_order
from bigledger.tax.rounding import round_price, stated_price


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


def price_for(price: Decimal, found: Determination, quantity: Decimal, policy: TaxPolicy, currency: str) -> Decimal:
    """A list price for a buyer with these taxes: without the taxes in it that the buyer is exempt from.

    The net is that of a buyer who is exempt from none; the taxes in the price that are left fall on it anew. The
    result is stated as a net unit price is: with the policy's decimals, more where the quantity asks for them.
    """
    if not any(tax.included_in_price for tax in found.exempted):
        return price
    with localcontext(EXACT):
        on_net, per_unit = _within((*found.taxes, *found.exempted))
        net = (price - per_unit) / (1 + on_net)
        on_net, per_unit = _within(found.taxes)
        exact = net * (1 + on_net) + per_unit
        if policy.net_price_decimals == "exact":
            return plain(round_price(exact, None))
        return plain(stated_price(exact, quantity, policy.net_price_decimals, currency))


def _within(taxes: Sequence[AppliedTax]) -> tuple[Decimal, Decimal]:
    """What the taxes within the price amount to together, per net amount and per unit."""
    ordered = in_order(taxes)
    within = [portion for tax, portion in zip(ordered, portions(ordered), strict=True) if tax.included_in_price]
    return sum((share for share, _ in within), ZERO), sum((fixed for _, fixed in within), ZERO)
