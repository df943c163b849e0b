"""Rounding a document's total: by an amount beside its net and taxes, or by its largest tax, as the company has it."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from bigledger.ledger import total_rounding
from bigledger.records import PaymentTerm, RoundedTotal
from bigledger.tax.assessment import Assessment
from bigledger.tax.model import Step, TaxComputation


def round_total(
    assessment: Assessment, rounded: RoundedTotal | None, term: PaymentTerm | None
) -> tuple[Assessment, Decimal | None]:
    """The sale with its total rounded, and what that adds beside its net and taxes, if anything.

    A discount on the total that rounded taxes miss by a cent is made up for here. Rounded by its largest tax, the sale
    has that tax changed, ``tax_rounding`` says by how much, and no more is added.
    """
    computed, rest = assessment.computation, assessment.discount_rest
    rounding = total_rounding(rounded, term, computed.total + (rest or 0), computed.currency)
    if rounding is None or rounded is None:
        return assessment, rest
    if rounded.by == "line":
        return assessment, (rest or 0) + rounding or None
    return with_tax_rounded(assessment, rounding), rest


def with_tax_rounded(assessment: Assessment, rounding: Decimal) -> Assessment:
    """The sale with so much more of its largest tax, on the line that bears most of it; the same if it bears none."""
    moved = _moved(assessment.computation, rounding)
    return replace(assessment, computation=moved, tax_rounding=rounding) if moved else assessment


def rounding_steps(assessment: Assessment) -> Iterator[Step]:
    """What the trace tells of a total that its largest tax rounds."""
    if assessment.tax_rounding is not None:
        facts = {"rounding": assessment.tax_rounding, "total": assessment.computation.total}
        yield Step("total_rounding", "The largest tax is changed by {rounding}, so that the total is {total}.", facts)


def _moved(computed: TaxComputation, rounding: Decimal) -> TaxComputation | None:
    charged = [total for total in computed.taxes if total.tax.charged and total.amount]
    if not charged:
        return None
    largest = max(charged, key=lambda total: abs(total.amount))
    bearing = [
        (number, place)
        for number, line in enumerate(computed.lines)
        for place, found in enumerate(line.taxes)
        if found.tax == largest.tax
    ]
    number, place = max(bearing, key=lambda at: abs(computed.lines[at[0]].taxes[at[1]].amount))
    lines, line = list(computed.lines), computed.lines[number]
    taxes = list(line.taxes)
    taxes[place] = taxes[place]._replace(amount=taxes[place].amount + rounding)
    lines[number] = line._replace(taxes=tuple(taxes), tax=line.tax + rounding, gross=line.gross + rounding)
    return replace(
        computed,
        lines=tuple(lines),
        taxes=tuple(
            replace(total, amount=total.amount + rounding) if total is largest else total for total in computed.taxes
        ),
        tax_total=computed.tax_total + rounding,
        total=computed.total + rounding,
    )
