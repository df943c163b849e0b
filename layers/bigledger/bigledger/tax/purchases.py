"""What the computed taxes of a purchase are for the buyer: recovered, part of the cost, owed, or kept back.

An input tax is deducted as far as the purchase is used for taxed sales (Directive 2006/112/EC art. 168 and 173): the
share that is not belongs to the cost of what was bought (IAS 2.11, IAS 16.16), as Odoo's repartition line without an
account has it. Of a reverse charge the buyer owes the tax and deducts it: two postings of one amount, and nothing to
the supplier. What is withheld is paid to the authority instead of the supplier.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bigledger.kernel.money import EXACT, distribute, quantum, round_money
from bigledger.tax.model import ZERO, AppliedTax, TaxComputation


@dataclass(frozen=True, slots=True)
class PurchaseTax:
    """One tax of a purchase, in the document's currency: recovered + cost = amount, and ``owed`` to the authority.

    ``payable`` is what of it the supplier is paid: all of a tax it charges, nothing of a reverse charge, less than
    zero of what is withheld. An entry of the purchase debits ``recovered`` to ``recovered_on`` and ``cost`` to the
    tax's ``cost_account`` (none: to the accounts of the lines, as each line tells), and credits ``owed`` to
    ``owed_on``.
    """

    tax: AppliedTax
    base: Decimal
    amount: Decimal
    recovered: Decimal
    cost: Decimal
    owed: Decimal
    payable: Decimal

    @property
    def recovered_on(self) -> str:
        """The account of what is recovered: the transition account until it is due, else that of purchases."""
        return self.tax.transition_account or self.tax.purchase_account or self.tax.account

    @property
    def owed_on(self) -> str:
        """The account of what is owed to the authority."""
        return self.tax.account


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """A line of a purchase: its net, the taxes that are part of its cost, and what is posted to its account."""

    net: Decimal
    tax_in_cost: Decimal
    taxes: tuple[PurchaseTax, ...]

    @property
    def cost(self) -> Decimal:
        """What the line's own account is debited with."""
        return self.net + self.tax_in_cost


@dataclass(frozen=True, slots=True)
class Purchased:
    """A purchase for the buyer. Always: Σ lines' cost + Σ recovered + Σ cost on accounts of their own − Σ owed = total.

    ``total`` is what the supplier is owed.
    """

    lines: tuple[PurchaseLine, ...]
    taxes: tuple[PurchaseTax, ...]
    total: Decimal


def purchased(computation: TaxComputation) -> Purchased:
    """The taxes of a purchase as the buyer posts them, from what ``compute`` says of its lines; pure.

    The recovered part of a tax is rounded once for the document and shared over the lines by largest remainder, so
    that the parts of each line add up to those of the document.
    """
    parts: list[list[PurchaseTax]] = [[] for _ in computation.lines]
    totals = []
    for total in computation.taxes:
        members = [
            (place, found)
            for place, line in enumerate(computation.lines)
            for found in line.taxes
            if found.tax == total.tax
        ]
        recovered = _recovered(total.tax, total.amount, computation.currency)
        shares = _shared(recovered, [found.amount for _, found in members], computation.currency)
        for (place, found), share in zip(members, shares, strict=True):
            parts[place].append(_part(total.tax, found.base, found.amount, share))
        totals.append(_part(total.tax, total.base, total.amount, recovered))
    lines = tuple(
        PurchaseLine(
            net=line.net,
            tax_in_cost=sum((part.cost for part in found if part.tax.cost_account is None), ZERO),
            taxes=tuple(found),
        )
        for line, found in zip(computation.lines, parts, strict=True)
    )
    return Purchased(lines, tuple(totals), computation.total)


def _recovered(tax: AppliedTax, amount: Decimal, currency: str) -> Decimal:
    """What of the tax is recovered; nothing of what is withheld, which is owed."""
    if tax.withheld:
        return abs(amount * 0)
    return round_money(EXACT.multiply(amount, tax.recoverable), currency)


def _part(tax: AppliedTax, base: Decimal, amount: Decimal, recovered: Decimal) -> PurchaseTax:
    nothing = abs(amount * 0)
    return PurchaseTax(
        tax=tax,
        base=base,
        amount=amount,
        recovered=recovered,
        cost=nothing if tax.withheld else amount - recovered,
        owed=-amount if tax.withheld else amount if tax.reverse_charge else nothing,
        payable=amount if tax.charged else nothing,
    )


def _shared(total: Decimal, amounts: Sequence[Decimal], currency: str) -> list[Decimal]:
    """A document's part over its lines in the proportion of their amounts, of whatever signs."""
    if not total:
        return [abs(total * 0) for _ in amounts]
    if all(amount >= 0 for amount in amounts) or all(amount <= 0 for amount in amounts):
        return distribute(total, [abs(amount) for amount in amounts], quantum(currency))
    whole = sum(amounts, ZERO)
    shares = [round_money(EXACT.divide(EXACT.multiply(total, amount), whole), currency) for amount in amounts]
    largest = max(range(len(amounts)), key=lambda place: abs(amounts[place]))
    shares[largest] += total - sum(shares, ZERO)
    return shares
