"""Tax of a sale whose discount for early payment lowers it at once, whether or not it is taken."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from bigledger.kernel import Configuration
from bigledger.kernel.money import EXACT, plain
from bigledger.ledger import early_discount
from bigledger.records import PaymentTerm, TaxPolicy
from bigledger.tax.assessment import Assessment, SaleLine, assess
from bigledger.tax.model import Step, Supply


def assess_sale(
    lines: Sequence[SaleLine],
    supply: Supply,
    known: Configuration,
    policy: TaxPolicy,
    currency: str,
    term: PaymentTerm | None,
    early_payment_tax: str | None,
) -> Assessment:
    """The taxes of a sale on payment terms.

    Where the company's policy ``early_payment_tax`` is ``always`` and the terms grant a discount for early payment, the
    lines keep their net and bear the taxes of what is left after the discount. Raises what ``assess`` does.
    """
    full = assess(lines, supply, known, policy, currency)
    percent = early_discount(term) if term is not None and early_payment_tax == "always" else Decimal(0)
    if not percent:
        return full
    return _taxed_as(full, assess(_discounted(lines, percent), supply, known, policy, currency), percent)


def early_steps(assessment: Assessment) -> Iterator[Step]:
    """What the trace tells of taxes that a discount for early payment lowers at once."""
    if assessment.early_discount is not None:
        percent = f"{plain(assessment.early_discount):f} %"
        sentence = "Taxes are counted on what is left after {discount} for early payment, whether or not it is taken."
        yield Step("early_payment", sentence, {"discount": percent})


def _discounted(lines: Iterable[SaleLine], percent: Decimal) -> list[SaleLine]:
    """The lines with a further discount taken off."""

    def further(given: Decimal | None) -> Decimal:
        left = EXACT.multiply(Decimal(100) - (given or Decimal(0)), Decimal(100) - percent)
        return Decimal(100) - EXACT.divide(left, Decimal(100))

    return [replace(line, discount_percent=further(line.discount_percent)) for line in lines]


def _taxed_as(full: Assessment, lower: Assessment, percent: Decimal) -> Assessment:
    """The lines of the one with the taxes of the other."""
    lines = tuple(
        replace(line, taxes=other.taxes, tax=other.tax, gross=line.net + other.tax)
        for line, other in zip(full.computation.lines, lower.computation.lines, strict=True)
    )
    computation = replace(
        full.computation,
        lines=lines,
        taxes=lower.computation.taxes,
        tax_total=lower.computation.tax_total,
        total=full.computation.subtotal + lower.computation.tax_total,
    )
    return replace(full, computation=computation, early_discount=percent)
