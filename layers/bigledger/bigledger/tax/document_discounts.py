"""A discount on a whole document, shared over its lines in proportion before they are taxed.

So each line bears its part of it, a credit of the line gives that part back, and each tax falls on what is left.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Amount, Command, FieldError, Number
from bigledger.kernel.money import EXACT, LARGEST_AMOUNT, quantum, round_money
from bigledger.records import TaxPolicy
from bigledger.tax.computation import compute
from bigledger.tax.model import ZERO, AppliedTax, LineTax, TaxableLine, TaxComputation, TaxedLine
from bigledger.tax.problems import InvalidDiscount
from bigledger.tax.rounding import apportion


class NetDiscount(Command):
    """A discount on a document, taken off its net: ``percent`` of it (10 for 10 %), or an ``amount`` in its currency.

    It is taken off before tax and shared over the lines by what each comes to, as an allowance of EN 16931 (BG-20) and
    ERPNext's discount on the net total are.
    """

    percent: Annotated[Number, Field(gt=0, le=100)] | None = None
    amount: Annotated[Amount, Field(gt=0, lt=LARGEST_AMOUNT)] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.percent is None) == (self.amount is None):
            raise PydanticCustomError("required", "give either a percent or an amount")
        return self


class DocumentDiscount(NetDiscount):
    """A discount on a document: ``percent`` of it (10 for 10 %), or an ``amount`` in its currency.

    On the ``net`` it is taken off before tax, as an allowance of EN 16931 (BG-20) and ERPNext's discount on the net
    total are; on the ``total`` it is taken off what is to pay, so that tax is less in proportion (ERPNext's discount
    on the grand total, Odoo's global discount). Taxes per unit are not lowered. It is shared over the lines by what
    each comes to.
    """

    on: Literal["net", "total"] = "net"


def with_discount(
    lines: Sequence[TaxableLine], discount: NetDiscount, policy: TaxPolicy, currency: str
) -> tuple[list[TaxableLine], Decimal | None]:
    """The lines with their parts of a discount, and what the document comes to after one on its total.

    Taxes that are rounded anew may miss that by a cent or two. Raises InvalidDiscount for more than there is and for
    an amount finer than the currency, and what ``compute`` raises.
    """
    on = discount.on if isinstance(discount, DocumentDiscount) else "net"
    before = compute(lines, policy, currency)
    fixed = _fixed(lines, before, policy, currency) if on == "total" else None
    whole = before.subtotal if on == "net" else before.total - (fixed.total if fixed else ZERO)
    off = discount.amount
    if off is not None and off % quantum(currency):
        message = f"{currency} has no smaller unit than {quantum(currency)}"
        raise InvalidDiscount(
            f"A discount of {off} {currency} cannot be applied: {message}.",
            errors=[FieldError("/discount/amount", "too_precise", message)],
        )
    if off is None:
        off = round_money(EXACT.divide(EXACT.multiply(whole, discount.percent or ZERO), Decimal(100)), currency)
    if not 0 <= off <= whole or not whole:
        message = f"there are {whole} {currency} to take it off"
        raise InvalidDiscount(
            f"A discount of {off} {currency} cannot be applied: {message}.",
            errors=[FieldError("/discount", "invalid_discount", message)],
        )
    if on == "net":
        parts = _off_nets(lines, before, off, policy, currency)
    else:
        parts = _off_prices(before, fixed, EXACT.divide(off, whole), currency)
    left = before.total - off if on == "total" else None
    return [_less(line, part) for line, part in zip(lines, parts, strict=True)], left


def _off_nets(
    lines: Sequence[TaxableLine], before: TaxComputation, off: Decimal, policy: TaxPolicy, currency: str
) -> list[Decimal]:
    """What each price is less by when nets are: with the taxes within it, which fall on what is left of the net."""
    nets = [line.net for line in before.lines]
    whole = sum(nets, ZERO)
    shares = apportion(off, [EXACT.divide(EXACT.multiply(net, off), whole) for net in nets], currency)
    left = [
        TaxableLine(line.quantity, EXACT.divide(net - share, line.quantity), _beside(line))
        for line, net, share in zip(lines, nets, shares, strict=True)
    ]
    after = compute(left, policy, currency)
    return [
        _with_taxes_within(was, was.taxes) - _with_taxes_within(now, was.taxes)
        for was, now in zip(before.lines, after.lines, strict=True)
    ]


def _off_prices(before: TaxComputation, fixed: TaxComputation | None, rate: Decimal, currency: str) -> list[Decimal]:
    """What each price is less by at this rate; of what is within it not what does not depend on it."""
    prices = [_with_taxes_within(line, line.taxes) for line in before.lines]
    if fixed:
        within = (_with_taxes_within(line, of.taxes) for line, of in zip(fixed.lines, before.lines, strict=True))
        prices = [price - kept for price, kept in zip(prices, within, strict=True)]
    exact = [EXACT.multiply(price, rate) for price in prices]
    return apportion(round_money(sum(exact, ZERO), currency), exact, currency)


def _fixed(
    lines: Sequence[TaxableLine], before: TaxComputation, policy: TaxPolicy, currency: str
) -> TaxComputation | None:
    """What does not depend on the prices, if anything: taxes per unit and what falls on them, on nets of nothing."""
    if all(total.tax.kind != "fixed_per_unit" for total in before.taxes):
        return None
    free = [
        line._replace(
            unit_price=ZERO,
            discount_rate=ZERO,
            discount_amount=ZERO,
            taxes=_beside(line),
        )
        for line in lines
    ]
    return compute(free, policy, currency)


def _beside(line: TaxableLine) -> list[AppliedTax]:
    """The taxes of a line, none of them within its price."""
    return [replace(tax, included_in_price=False) for tax in line.taxes]


def _with_taxes_within(line: TaxedLine, taxes: Sequence[LineTax]) -> Decimal:
    """The net of a line with those of its taxes that are within the price as ``taxes`` has them."""
    within = {found.tax.code for found in taxes if found.tax.included_in_price}
    return line.net + sum((found.amount for found in line.taxes if found.tax.code in within), ZERO)


def _less(line: TaxableLine, part: Decimal) -> TaxableLine:
    whole = EXACT.multiply(line.quantity, line.unit_price)
    own = EXACT.multiply(abs(whole), line.discount_rate) + line.discount_amount
    return line._replace(discount_rate=ZERO, discount_amount=min(abs(whole), own + abs(part)))
