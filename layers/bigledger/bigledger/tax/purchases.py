"""The taxes of what is bought: which ones a supplier charges, what is claimed back of them, and what the buyer owes.

A purchase is computed as a sale is. Three things differ in what becomes of each tax. Of a tax that the supplier
charges, the share that is recoverable is claimed back and the rest is a part of the cost, spread over the lines that
bear it to the last minor unit. A tax under reverse charge is not paid to the supplier: the buyer owes it, and claims
the same share of it back (Directive 2006/112/EC art. 168 to 175 and 194 to 199; Odoo's and Tryton's taxes with two
postings).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bigledger.kernel import Configuration, FieldError, UnknownReference
from bigledger.kernel.configuration import unknown
from bigledger.kernel.money import distribute, quantum, round_money
from bigledger.records import Tax, TaxPolicy, TaxRule
from bigledger.tax.computation import compute
from bigledger.tax.determination import determine, on_date
from bigledger.tax.model import (
    ZERO,
    Determination,
    Supply,
    TaxableLine,
    TaxComputation,
    TaxNote,
    TaxTotal,
    in_order,
)


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """A line of a purchase, its price in the currency of the purchase; ``discount_percent`` is 10 for 10 %.

    ``taxes`` are those that the supplier's paper names, by code or id; None leaves them to the rules for purchases.
    """

    quantity: Decimal
    unit_price: Decimal
    category: str | None = None
    taxes: tuple[str, ...] | None = None
    discount_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PurchaseTax:
    """One tax of a purchase: ``recoverable`` is claimed back, ``non_deductible`` is a part of the cost.

    Together they are the tax. ``reverse_charge`` says that the buyer owes it, not the supplier.
    """

    total: TaxTotal
    tax: Tax
    recoverable: Decimal
    non_deductible: Decimal

    @property
    def reverse_charge(self) -> bool:
        """Whether the buyer owes the tax."""
        return self.tax.reverse_charge


@dataclass(frozen=True, slots=True)
class PurchaseAssessment:
    """A purchase computed: its taxes, and what of them is part of what each line costs.

    ``charged`` is the tax that is paid to the supplier, ``total`` what the supplier gets with it.
    """

    computation: TaxComputation
    taxes: Sequence[PurchaseTax]
    non_deductible: Sequence[Mapping[str, Decimal]]
    """By line: what is not claimed back of each tax, by its code."""
    notes: Sequence[list[TaxNote] | None]
    charged: Decimal
    total: Decimal


def assess_purchase(
    lines: Sequence[PurchaseLine],
    supply: Supply,
    known: Configuration,
    policy: TaxPolicy,
    currency: str,
    with_tax: bool = False,
) -> PurchaseAssessment:
    """Find and compute the taxes of a purchase; in ``supply`` the customer is the supplier and where that is.

    A purchase that no rule covers bears no tax, whatever the policy says of sales: the supplier decides what is
    charged. ``with_tax`` says that the prices contain every tax that the supplier charges, as on a receipt. Raises
    UnknownReference with a pointer to each tax that is named and not there, TaxRateMissing for one
    that has no rate on the day, and what ``determine`` and ``compute`` raise.
    """
    taxes = {reference: entry.data for entry in known.active(Tax) for reference in (entry.code, str(entry.id))}
    rules = [entry.data for entry in known.active(TaxRule) if entry.data.applies_to == "purchases"]
    _check_named(lines, taxes)
    found: dict[tuple[str | None, tuple[str, ...] | None], Determination] = {}
    for line in lines:
        key = (line.category, line.taxes)
        if key not in found:
            determined = _determined(line, supply, rules, taxes, policy)
            found[key] = _within(determined, taxes) if with_tax else determined
    taxable = [
        TaxableLine(
            line.quantity,
            line.unit_price,
            found[line.category, line.taxes].taxes,
            discount_rate=(line.discount_percent or ZERO) / 100,
        )
        for line in lines
    ]
    computed = compute(taxable, policy, currency)
    claimed = [_claimed(total, taxes[total.tax.code], policy, currency) for total in computed.taxes]
    charged = sum((each.total.amount for each in claimed if not each.reverse_charge), quantum(currency) * 0)
    return PurchaseAssessment(
        computation=computed,
        taxes=claimed,
        non_deductible=_of_lines(claimed, computed),
        notes=[list(found[line.category, line.taxes].notes) or None for line in lines],
        charged=charged,
        total=computed.subtotal + charged,
    )


def _check_named(lines: Sequence[PurchaseLine], taxes: Mapping[str, Tax]) -> None:
    errors: list[FieldError] = [
        unknown("tax", reference, f"/items/{index}/taxes/{place}")
        for index, line in enumerate(lines)
        for place, reference in enumerate(line.taxes or ())
        if reference not in taxes
    ]
    if errors:
        raise UnknownReference("Some lines name taxes that do not exist or are archived.", errors=errors)


def _determined(
    line: PurchaseLine,
    supply: Supply,
    rules: Sequence[TaxRule],
    taxes: Mapping[str, Tax],
    policy: TaxPolicy,
) -> Determination:
    """The taxes of a line: those it names, else those of the rules for purchases."""
    if line.taxes is None:
        asked = replace(supply, product_category=line.category)
        return determine(asked, rules, taxes, policy.model_copy(update={"no_rule": "no_tax"}))
    refusing = policy.model_copy(update={"no_rule": "refuse"})
    named = {taxes[reference].code: taxes[reference] for reference in line.taxes}
    applied = [on_date(tax, supply.tax_date, refusing, []) for tax in named.values()]
    return Determination(None, in_order(tax for tax in applied if tax is not None), (), ())


def _within(found: Determination, taxes: Mapping[str, Tax]) -> Determination:
    """The same taxes, those that the supplier charges as parts of the price."""
    applied = (tax if taxes[tax.code].reverse_charge else replace(tax, included_in_price=True) for tax in found.taxes)
    return replace(found, taxes=in_order(applied))


def _claimed(total: TaxTotal, tax: Tax, policy: TaxPolicy, currency: str) -> PurchaseTax:
    """What of a tax is claimed back, rounded once for the document as the policy rounds taxes."""
    recoverable = round_money(total.amount * tax.recoverable, currency, policy.mode)
    return PurchaseTax(total, tax, recoverable, total.amount - recoverable)


def _of_lines(taxes: Sequence[PurchaseTax], computed: TaxComputation) -> list[dict[str, Decimal]]:
    """What of the taxes that are not claimed back falls on each line, as the taxes themselves do."""
    parts: list[dict[str, Decimal]] = [{} for _ in computed.lines]
    for each in taxes:
        if each.non_deductible:
            amounts = [
                sum((found.amount for found in line.taxes if found.tax == each.total.tax), ZERO)
                for line in computed.lines
            ]
            shares = distribute(each.non_deductible, amounts, quantum(computed.currency))
            for part, share in zip(parts, shares, strict=True):
                if share:
                    part[each.total.tax.code] = share
    return parts
