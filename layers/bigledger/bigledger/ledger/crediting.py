"""What a credit takes of the lines of the document that it credits: how much of each, and which part of its amounts.

Both subledgers alike: a credit note takes lines of an invoice back, a supplier's credit those of a bill.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from bigledger.kernel import FieldError, Problem
from bigledger.kernel.money import EXACT, round_money


class CreditableLine(Protocol):
    """A line of a document, or of a credit for it, of which a quantity stands."""

    @property
    def line(self) -> int:
        """Its number."""
        ...

    @property
    def quantity(self) -> Decimal:
        """How much stands on it."""
        ...


class AskedLine(Protocol):
    """A line that is to be credited."""

    @property
    def line(self) -> int:
        """Its number in the document."""
        ...

    @property
    def quantity(self) -> Decimal | None:
        """How much of it; None for all that is left."""
        ...


def credited_quantities(
    asked: Sequence[AskedLine] | None,
    lines: Sequence[CreditableLine],
    earlier: Mapping[int, Sequence[CreditableLine]],
    document: str,
    refusal: type[Problem],
) -> dict[int, Decimal]:
    """The quantity to credit of each line: of those that are asked for, else all that is left of every one.

    ``earlier`` are the lines of other credits by the line that they take back, ``document`` is what it is called to
    people. Raises the ``refusal``, with a pointer to each line that cannot be credited as asked.
    """
    left = {one.line: one.quantity - _sum(earlier.get(one.line, ())) for one in lines}
    if asked is None:
        wanted = {line: quantity for line, quantity in left.items() if quantity}
        if wanted:
            return wanted
        raise refusal(f"All of this {document} is credited already.")
    wanted, errors = {}, []
    for index, one in enumerate(asked):
        open_ = left.get(one.line)
        quantity = open_ if one.quantity is None else one.quantity
        if open_ is None:
            message = f"the {document} has no line {one.line}"
            errors.append(FieldError(f"/lines/{index}/line", "unknown_line", message))
        elif one.line in wanted:
            errors.append(FieldError(f"/lines/{index}/line", "given_twice", f"line {one.line} is named twice"))
        elif not open_ or quantity is None or quantity > open_:
            message = f"{open_} of line {one.line} can still be credited"
            errors.append(FieldError(f"/lines/{index}/quantity", "over_credited", message))
        else:
            wanted[one.line] = quantity
    if errors:
        raise refusal("Some lines cannot be credited as asked.", errors=errors)
    return wanted


@dataclass(frozen=True, slots=True)
class CreditedShare:
    """How much of a line is credited with this credit and those before it, and the currency of its amounts."""

    credited: Decimal
    quantity: Decimal
    currency: str

    def of(self, whole: Decimal, taken: Decimal) -> Decimal:
        """This credit's part of an amount of the line, of which others have ``taken`` some.

        The parts add up to the whole: the last one takes what is left, and none takes more than that.
        """
        if self.credited == self.quantity:
            return whole - taken
        share = round_money(EXACT.divide(EXACT.multiply(whole, self.credited), self.quantity), self.currency)
        return sorted((whole * 0, share - taken, whole - taken))[1]


def credited_share(
    line: CreditableLine, quantity: Decimal, earlier: Sequence[CreditableLine], currency: str
) -> CreditedShare:
    """The share of a line that a quantity of it is, after those that were credited ``earlier``."""
    return CreditedShare(quantity + _sum(earlier), line.quantity, currency)


def _sum(lines: Sequence[CreditableLine]) -> Decimal:
    return sum((one.quantity for one in lines), Decimal(0))
