"""Prices with tax in them: what each tax is worth per net amount and per unit, and the way back to the net."""

from collections.abc import Sequence
from decimal import Decimal, localcontext

from bigledger.kernel import InvalidRequest
from bigledger.kernel.money import EXACT, plain
from bigledger.records import TaxPolicy
from bigledger.tax.model import ZERO, AppliedTax, Determination, in_order
from bigledger.tax.rounding import round_price, stated_price


def feeding(taxes: Sequence[AppliedTax], position: int) -> list[int]:
    """The places of the taxes before the one at a position that it falls on; ``taxes`` are in order."""
    named = taxes[position].base_taxes
    return [
        earlier
        for earlier in range(position)
        if (taxes[earlier].adds_to_base if named is None else taxes[earlier].code in named)
    ]


def rates_on_base(taxes: Sequence[AppliedTax]) -> list[Decimal]:
    """What to multiply the base of each tax with; ``taxes`` are in order.

    Neighbours that are fractions of the gross, none of which adds to the base of the next, are fractions of the price
    with all of them: net × rate / (1 - the sum of their rates). Raises InvalidRequest when nothing is left.
    """
    found: list[Decimal] = []
    for position, tax in enumerate(taxes):
        if tax.kind != "percent_of_gross":
            found.append(tax.rate)
            continue
        first = last = position
        while first and _side_by_side(taxes[first - 1], taxes[first]):
            first -= 1
        while last + 1 < len(taxes) and _side_by_side(taxes[last], taxes[last + 1]):
            last += 1
        left = 1 - sum((one.rate for one in taxes[first : last + 1]), ZERO)
        if left <= 0:
            raise InvalidRequest(
                f"{tax.code} and the taxes with it take all of a price or more. Correct their rates or the tax rules.",
                tax=tax.code,
            )
        found.append(tax.rate / left)
    return found


def _side_by_side(earlier: AppliedTax, later: AppliedTax) -> bool:
    return earlier.kind == later.kind == "percent_of_gross" and not earlier.adds_to_base


def portions(taxes: Sequence[AppliedTax]) -> list[tuple[Decimal, Decimal]]:
    """What each tax amounts to, as (a, b): a × net amount + b × quantity.

    ``taxes`` are in order. A percentage falls on the net amount and on taxes before it; a fixed amount per unit
    falls on the quantity alone.
    """
    found: list[tuple[Decimal, Decimal]] = []
    for position, (tax, rate) in enumerate(zip(taxes, rates_on_base(taxes), strict=True)):
        if tax.kind == "fixed_per_unit":
            found.append((ZERO, rate))
            continue
        fed = [found[earlier] for earlier in feeding(taxes, position)]
        on_net = sum((share for share, _ in fed), Decimal(1) if tax.base_net else ZERO)
        found.append((rate * on_net, rate * sum((per_unit for _, per_unit in fed), ZERO)))
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
