"""The values the tax rules take and give.

Inside they are frozen dataclasses of exact decimals; TaxAmount and TraceStep are their shapes on the wire.
Money is in the document's currency, a percent rate is a fraction ("0.06" is 6 %).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from bigledger.kernel import Amount, Answer, Number
from bigledger.records import Exemption, TaxPolicy

ZERO = Decimal(0)

Fact = str | int | Decimal | date | None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a determination or a computation, for an auditor to follow.

    ``step`` is a program's name of it; ``sentence`` holds the text with the figures' names in braces, put
    together only when someone reads it.
    """

    step: str
    sentence: str
    figures: Mapping[str, Fact]

    @property
    def text(self) -> str:
        """The step in plain English."""
        return self.sentence.format(**{name: _written(fact) for name, fact in self.figures.items()})


@dataclass(frozen=True, slots=True)
class AppliedTax:
    """A tax as it applies on one date: ``rate`` is the one of that date.

    ``rate`` is a fraction for ``percent`` (of the base) and ``percent_of_gross`` (of the price with such taxes in it),
    and money per unit, in ``currency``, for ``fixed_per_unit``; below zero for a tax that is withheld, and zero for a
    reverse charge on a sale. ``base_taxes`` are codes.
    """

    code: str
    jurisdiction: str
    rate: Decimal
    kind: Literal["percent", "percent_of_gross", "fixed_per_unit"] = "percent"
    currency: str | None = None
    included_in_price: bool = False
    adds_to_base: bool = False
    base_net: bool = True
    base_taxes: tuple[str, ...] | None = None
    sequence: int = 10
    account: str = ""
    name: str = ""
    purchase_account: str | None = None
    recoverable: Decimal = Decimal(1)
    cost_account: str | None = None
    reverse_charge: bool = False
    withheld: bool = False
    due: Literal["invoice", "payment"] = "invoice"
    transition_account: str | None = None

    @property
    def charged(self) -> bool:
        """Whether the seller charges it (or the buyer keeps it back), so that it changes what is to be paid."""
        return not self.reverse_charge

    @property
    def posted_to(self) -> str:
        """The account a sale posts it to: where it stands until it is due, else its own."""
        return self.transition_account or self.account


def in_order(taxes: Iterable[AppliedTax]) -> tuple[AppliedTax, ...]:
    """Taxes as they are computed and listed: by sequence, the wider place first, then by code."""
    return tuple(sorted(taxes, key=lambda tax: (tax.sequence, tax.jurisdiction.count("-"), tax.code, tax.rate)))


@dataclass(frozen=True, slots=True)
class Supply:
    """What decides the taxes of a sale: where it goes, what it is, who buys and when.

    For a purchase ``customer`` is where the company is, ``customer_category`` is the supplier's category and
    ``origin`` where the supplier is.

    Places are jurisdictions such as ``US-CA-SF``. ``tax_date`` is the tax point: usually the invoice date.
    """

    tax_date: date
    ship_to: str | None = None
    customer: str | None = None
    product_category: str | None = None
    customer_category: str | None = None
    exemptions: Sequence[Exemption] = ()
    side: Literal["sale", "purchase"] = "sale"
    origin: str | None = None


class TaxNote(Answer):
    """Why a tax is not charged, to stand on the invoice (Directive 2006/112/EC art. 226(11); EN 16931 BT-120).

    ``basis``: a customer's ``exemption`` takes off ``tax``, by its ``certificate``; a ``rule`` of ``jurisdiction``
    says that nothing is due there, and why; ``no_rate``: ``tax`` is not in force on the tax date; ``no_rule``
    covers the sale, so that nothing says whether it is exempt; ``reverse_charge``: the buyer owes ``tax`` (art.
    226(11a)).
    """

    basis: Literal["exemption", "rule", "no_rate", "no_rule", "reverse_charge"]
    reason: str | None = None
    tax: str | None = None
    certificate: str | None = None
    rule: str | None = None
    jurisdiction: str | None = None


@dataclass(frozen=True, slots=True)
class Determination:
    """The taxes of a supply, in order, and how they were found.

    ``exempted`` are the taxes an exemption took off. Where one of them is included in the price, the price
    still contains it: ``net_from_gross(price, [...])`` takes it out. ``notes`` say why taxes are not charged.
    """

    place: str | None
    taxes: tuple[AppliedTax, ...]
    exempted: tuple[AppliedTax, ...]
    steps: tuple[Step, ...]
    notes: tuple[TaxNote, ...] = ()


class TaxableLine(NamedTuple):
    """A line to compute: quantity × unit price, less a discount, with its taxes.

    The discount is a fraction (``discount_rate``) or money (``discount_amount``, never negative), and is taken
    off towards zero, so that a credit note is the same line with the quantity negated. It is in the terms of the
    price: with tax where the price is with tax.
    """

    quantity: Decimal
    unit_price: Decimal
    taxes: Sequence[AppliedTax] = ()
    discount_rate: Decimal = ZERO
    discount_amount: Decimal = ZERO


class LineTax(NamedTuple):
    """One tax on one line of so many units. ``exact`` is its amount before rounding."""

    tax: AppliedTax
    quantity: Decimal
    base: Decimal
    amount: Decimal
    exact: Decimal


class TaxedLine(NamedTuple):
    """A computed line: net + tax = gross, in the currency's minor unit.

    ``discount`` is in the terms of the price, rounded so that quantity × price − discount is the line's amount.
    ``net_unit_price`` is the unit price without the taxes it includes, before the discount. ``exact_net`` is the
    net before rounding.
    """

    line: TaxableLine
    net_unit_price: Decimal
    discount: Decimal
    exact_net: Decimal
    net: Decimal
    taxes: tuple[LineTax, ...]
    tax: Decimal
    gross: Decimal

    @property
    def price_includes_tax(self) -> bool:
        """Whether the unit price and the discount are with tax."""
        return any(found.tax.included_in_price for found in self.taxes)


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """One tax on the whole document; quantity, base and amount are the sums of its lines.

    ``taxed_base`` is the base the tax was computed on and ``exact`` the amount before rounding. The two bases
    differ only with the rounding ``per_document``, when line amounts have fractions of the minor unit.
    """

    tax: AppliedTax
    quantity: Decimal
    base: Decimal
    amount: Decimal
    taxed_base: Decimal
    exact: Decimal


@dataclass(frozen=True, slots=True)
class TaxComputation:
    """A document's taxes. Always: Σ net = subtotal, Σ tax = tax_total, subtotal + tax_total = total.

    Taxes that the seller does not charge (a reverse charge on a purchase) are told, but not added up.
    """

    currency: str
    policy: TaxPolicy
    lines: tuple[TaxedLine, ...]
    taxes: tuple[TaxTotal, ...]
    subtotal: Decimal
    tax_total: Decimal
    total: Decimal


class TaxAmount(Answer):
    """One tax of a line or a document: base × rate, a fraction.

    A fixed tax says so in ``kind``: it is ``quantity`` × rate, which is money of ``currency`` per unit. The rate of a
    ``percent_of_gross`` is the fraction of the price with all such taxes in it.
    ``included_in_price`` is there when the prices contain the tax, ``reverse_charge`` when the buyer owes it.
    """

    code: str
    jurisdiction: str
    rate: Number
    base: Amount
    amount: Amount
    kind: Literal["percent_of_gross", "fixed_per_unit"] | None = None
    quantity: Number | None = None
    currency: str | None = None
    included_in_price: Literal[True] | None = None
    reverse_charge: Literal[True] | None = None


class TraceStep(Answer):
    """One step of the way to the taxes, in words and in figures."""

    step: str
    text: str
    figures: dict[str, str | None]


def tax_amounts(taxes: Iterable[LineTax | TaxTotal]) -> list[TaxAmount]:
    """The taxes of a line or a document as they stand on the wire."""
    return [
        TaxAmount(
            code=found.tax.code,
            jurisdiction=found.tax.jurisdiction,
            rate=found.tax.rate,
            base=found.base,
            amount=found.amount,
            kind=None if found.tax.kind == "percent" else found.tax.kind,
            quantity=found.quantity if found.tax.kind == "fixed_per_unit" else None,
            currency=found.tax.currency,
            included_in_price=found.tax.included_in_price or None,
            reverse_charge=found.tax.reverse_charge or None,
        )
        for found in taxes
    ]


def trace_steps(steps: Iterable[Step]) -> list[TraceStep]:
    """The steps as they stand on the wire."""
    return [
        TraceStep(
            step=found.step,
            text=found.text,
            figures={name: None if fact is None else _written(fact) for name, fact in found.figures.items()},
        )
        for found in steps
    ]


def _written(fact: Fact) -> str:
    """A figure as text: decimals without exponent, dates in ISO 8601."""
    return format(fact, "f") if isinstance(fact, Decimal) else str(fact)
