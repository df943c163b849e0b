"""Sharing a rounded total over lines, and rounding unit prices.

Money itself is rounded by ``kernel.money``; here stands what tax needs beyond it.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from bigledger.kernel.money import EXACT, quantum, round_money

_FINEST_PRICE = 12
_TAIL = Decimal(1).scaleb(-18)


def apportion(total: Decimal, exact: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Share a rounded total over lines so that the shares add up to it and stay nearest to their exact amounts.

    Largest-remainder method: each share is its exact amount rounded to the minor unit, then the units still
    missing (or too many) go to the lines that rounding took most from (gave most to); on ties the earlier line
    has the larger share.
    Lines of both signs may stand side by side, and a line whose exact amount is zero gets no share. ``total`` is
    a whole number of minor units and ``exact`` is not empty.
    """
    shares = [round_money(amount, currency) for amount in exact]
    left = total - sum(shares)
    if not left:
        return shares
    unit = quantum(currency).copy_sign(left)
    lines = [index for index, amount in enumerate(exact) if amount] or list(range(len(exact)))
    if total * left < 0:
        lines.reverse()  # so that on ties the earlier line also keeps what a later one has to give back
    lines.sort(key=lambda index: (shares[index] - exact[index]) * unit)
    each, more = divmod(int(left / unit), len(lines))
    for place, index in enumerate(lines):
        shares[index] += unit * (each + (place < more))
    return shares


def in_proportion(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Share a rounded total by weights of either sign, such as a net and a tax that is kept back from it."""
    whole = sum(weights, Decimal(0))
    return apportion(total, [EXACT.divide(EXACT.multiply(total, weight), whole) for weight in weights], currency)


def without_tail(amount: Decimal) -> Decimal:
    """An amount that went through a division, freed of the digits a division leaves: 4.9999… is 5.

    6 % of the net behind 1.00 with 20 % in it is 0.05 exactly, but 1.00 / 1.2 × 0.06 ends in nines, and rounding
    them down would lose a cent. Eighteen decimals are far from any division's last digit and from any half cent.
    """
    return amount.quantize(_TAIL, ROUND_HALF_EVEN, EXACT)


def round_price(price: Decimal, decimals: int | None) -> Decimal:
    """A unit price rounded half up to so many decimals; none means the finest the wire can carry, twelve."""
    return price.quantize(Decimal(1).scaleb(-(_FINEST_PRICE if decimals is None else decimals)), ROUND_HALF_UP, EXACT)


def tolerance(currency: str) -> Decimal:
    """What quantity × stated price may miss the exact amount by: two minor units (PEPPOL-EN16931-R120)."""
    return 2 * quantum(currency)


def stated_price(exact: Decimal, quantity: Decimal, decimals: int, currency: str) -> Decimal:
    """The unit price to state for an exact one: rounded, but not so far that the line's amount is wrong.

    It has ``decimals`` decimals, and more where quantity × price would miss the exact amount by more than the
    tolerance. A quantity so large that no twelve decimals suffice keeps the exact price.
    """
    amount = round_money(exact * quantity, currency)
    slack = tolerance(currency)
    for places in range(decimals, _FINEST_PRICE + 1):
        price = round_price(exact, places)
        if (price or not exact) and abs(round_money(price * quantity, currency) - amount) <= slack:
            return price
    return exact
