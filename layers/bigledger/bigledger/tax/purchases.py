"""The taxes of a purchase: which ones it bears, and what each is for the buyer: recovered, cost, owed or kept back.

The supplier's paper may name the taxes of a line; else the tax rules for purchases of the place where it is received
find them. A purchase is computed as a sale is; what becomes of each tax differs.

An input tax is deducted as far as the purchase is used for taxed sales (Directive 2006/112/EC art. 168 and 173): the
share that is not belongs to the cost of what was bought (IAS 2.11, IAS 16.16), as Odoo's repartition line without an
account has it. Of a reverse charge the buyer owes the tax and deducts it: two postings of one amount, and nothing to
the supplier. What is withheld is paid to the authority instead of the supplier.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bigledger.kernel import Configuration, FieldError, InvalidRequest, UnknownReference
from bigledger.kernel.configuration import unknown
from bigledger.kernel.money import EXACT, distribute, quantum, round_money
from bigledger.records import Tax, TaxPolicy, TaxRule
from bigledger.tax.computation import compute
from bigledger.tax.determination import determine, on_date
from bigledger.tax.document_discounts import NetDiscount, with_discount
from bigledger.tax.model import (
    ZERO,
    AppliedTax,
    Determination,
    Supply,
    TaxableLine,
    TaxComputation,
    TaxNote,
    in_order,
)


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """A line of a purchase to assess, its price in the currency of the purchase; ``discount_percent`` is 10 for 10 %.

    ``taxes`` are those that the supplier's paper names, by code or id; None leaves them to the rules for purchases.
    """

    quantity: Decimal
    unit_price: Decimal
    category: str | None = None
    taxes: tuple[str, ...] | None = None
    discount_percent: Decimal | None = None
    recoverable: Decimal | None = None
    """The share of what its taxes let one claim back that is claimed back on this line; all of it when None."""
    tax_only: bool = False
    """Whether the price is just what the taxes fall on, and paid elsewhere: the line comes to its taxes."""


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
class PurchasedLine:
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

    lines: tuple[PurchasedLine, ...]
    taxes: tuple[PurchaseTax, ...]
    total: Decimal


@dataclass(frozen=True, slots=True)
class PurchaseAssessment:
    """A purchase computed, what its taxes are for the buyer, and by line why a tax is not charged.

    ``charged`` is what the supplier gets of taxes, less what is kept back; with it ``total`` is what it gets.
    """

    computation: TaxComputation
    purchased: Purchased
    notes: Sequence[list[TaxNote] | None]

    @property
    def charged(self) -> Decimal:
        """The taxes in what the supplier gets."""
        return self.total - self.computation.subtotal

    @property
    def total(self) -> Decimal:
        """What the supplier gets."""
        return self.purchased.total


def assess_purchase(
    lines: Sequence[PurchaseLine],
    supply: Supply,
    known: Configuration,
    policy: TaxPolicy,
    currency: str,
    with_tax: bool = False,
    discount: NetDiscount | None = None,
) -> PurchaseAssessment:
    """Find and compute the taxes of a purchase; ``supply`` is what ``purchase_from`` answers.

    A purchase that no rule covers bears no tax, whatever the policy says of sales: the supplier decides what is
    charged. ``with_tax`` says that the prices contain every tax that the supplier charges, as on a receipt. A
    ``discount`` is taken off all lines but those of tax alone. Raises InvalidDiscount,
    UnknownReference with a pointer to each tax that is named and not there, TaxRateMissing for one
    that has no rate on the day, InvalidRequest for a line of tax alone without a tax beside its price, and what
    ``determine`` and ``compute`` raise.
    """
    taxes = {reference: entry.data for entry in known.active(Tax) for reference in (entry.code, str(entry.id))}
    rules = [entry.data for entry in known.active(TaxRule)]
    _check_named(lines, taxes)
    found: dict[tuple[str | None, tuple[str, ...] | None], Determination] = {}
    for line in lines:
        key = (line.category, line.taxes)
        if key not in found:
            determined = _determined(line, supply, rules, taxes, policy)
            found[key] = _within(determined) if with_tax else determined
    taxable = [
        TaxableLine(
            line.quantity,
            line.unit_price,
            found[line.category, line.taxes].taxes,
            discount_rate=(line.discount_percent or ZERO) / 100,
        )
        for line in lines
    ]
    _check_tax_only(lines, found)
    if discount is not None:
        priced = [line for line, of in zip(taxable, lines, strict=True) if not of.tax_only]
        less = iter(with_discount(priced, discount, policy, currency)[0])
        taxable = [line if of.tax_only else next(less) for line, of in zip(taxable, lines, strict=True)]
    computed = _without_base(compute(taxable, policy, currency), lines)
    notes = [list(found[line.category, line.taxes].notes) or None for line in lines]
    claimed = [Decimal(1) if line.recoverable is None else line.recoverable for line in lines]
    return PurchaseAssessment(computed, purchased(computed, claimed), notes)


def purchased(computation: TaxComputation, claimed: Sequence[Decimal] | None = None) -> Purchased:
    """The taxes of a purchase as the buyer posts them, from what ``compute`` says of its lines; pure.

    ``claimed`` is the share of each line that is for taxed business: of the taxes on it no more is recovered.
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
        within = [
            found.amount if claimed is None else EXACT.multiply(found.amount, claimed[place])
            for place, found in members
        ]
        recovered = _recovered(total.tax, sum(within, ZERO) if claimed else total.amount, computation)
        shares = _shared(recovered, within, computation.currency)
        for (place, found), share in zip(members, shares, strict=True):
            parts[place].append(_part(total.tax, found.base, found.amount, share))
        totals.append(_part(total.tax, total.base, total.amount, recovered))
    lines = tuple(
        PurchasedLine(
            net=line.net,
            tax_in_cost=sum((part.cost for part in found if part.tax.cost_account is None), ZERO),
            taxes=tuple(found),
        )
        for line, found in zip(computation.lines, parts, strict=True)
    )
    return Purchased(lines, tuple(totals), computation.total)


def _check_named(lines: Sequence[PurchaseLine], taxes: Mapping[str, Tax]) -> None:
    errors: list[FieldError] = [
        unknown("tax", reference, f"/items/{index}/taxes/{place}")
        for index, line in enumerate(lines)
        for place, reference in enumerate(line.taxes or ())
        if reference not in taxes
    ]
    if errors:
        raise UnknownReference("Some lines name taxes that do not exist or are archived.", errors=errors)


def _check_tax_only(
    lines: Sequence[PurchaseLine], found: Mapping[tuple[str | None, tuple[str, ...] | None], Determination]
) -> None:
    """Refuse a line of tax alone that bears none, or one that its base would have to contain."""
    errors: list[FieldError] = []
    for index, line in enumerate(lines):
        taxes = found[line.category, line.taxes].taxes if line.tax_only else None
        pointer = f"/items/{index}/{'tax_base' if line.taxes is None else 'taxes'}"
        if taxes is not None and not taxes:
            errors.append(FieldError(pointer, "required", "name the taxes that fall on the base"))
        elif any(tax.included_in_price for tax in taxes or ()):
            message = "one of the taxes is part of prices, so no base stands without it"
            errors.append(FieldError(pointer, "included_in_price", message))
    if errors:
        raise InvalidRequest("Some lines of tax alone cannot be computed.", errors=errors)


def _without_base(computed: TaxComputation, lines: Sequence[PurchaseLine]) -> TaxComputation:
    """The same taxes on the same bases, of which those that are paid elsewhere are no part of what is paid."""
    if not any(line.tax_only for line in lines):
        return computed
    zero = computed.subtotal * 0
    kept = tuple(
        found._replace(net=zero, exact_net=zero, gross=found.tax) if line.tax_only else found
        for line, found in zip(lines, computed.lines, strict=True)
    )
    subtotal = sum((line.net for line in kept), zero)
    return replace(computed, lines=kept, subtotal=subtotal, total=subtotal + computed.tax_total)


def _determined(
    line: PurchaseLine, supply: Supply, rules: Sequence[TaxRule], taxes: Mapping[str, Tax], policy: TaxPolicy
) -> Determination:
    """The taxes of a line: those it names, else those of the rules for purchases."""
    if line.taxes is None:
        asked = replace(supply, product_category=line.category)
        return determine(asked, rules, taxes, policy.model_copy(update={"no_rule": "no_tax"}))
    refusing = policy.model_copy(update={"no_rule": "refuse"})
    named = {taxes[reference].code: taxes[reference] for reference in line.taxes}
    applied = [on_date(tax, supply, refusing, []) for tax in named.values()]
    return Determination(None, in_order(tax for tax in applied if tax is not None), (), ())


def _within(found: Determination) -> Determination:
    """The same taxes, those that the supplier charges as parts of the price."""
    applied = (replace(tax, included_in_price=True) if tax.charged and not tax.withheld else tax for tax in found.taxes)
    return replace(found, taxes=in_order(applied))


def _recovered(tax: AppliedTax, amount: Decimal, computation: TaxComputation) -> Decimal:
    """What of the tax is recovered, rounded as the policy rounds taxes; nothing of what is withheld, which is owed."""
    if tax.withheld:
        return abs(amount * 0)
    return round_money(EXACT.multiply(amount, tax.recoverable), computation.currency, computation.policy.mode)


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
