"""Tax of a sale whose discount for early payment lowers it at once, whether or not it is taken."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from bigledger.kernel import Configuration
from bigledger.kernel.money import EXACT, plain
from bigledger.ledger import early_discount
from bigledger.records import PaymentTerm, TaxPolicy
from bigledger.tax.assessment import Assessment, SaleLine, assess
from bigledger.tax.document_discounts import DocumentDiscount
from bigledger.tax.model import Step, Supply


def assess_sale(
    lines: Sequence[SaleLine],
    supply: Supply,
    known: Configuration,
    policy: TaxPolicy,
    currency: str,
    term: PaymentTerm | None,
    early_payment_tax: str | None,
    discount: DocumentDiscount | None = None,
) -> Assessment:
    """The taxes of a sale on payment terms, less a ``discount`` on all of it.

    Where the company's policy ``early_payment_tax`` is ``always`` and the terms grant a discount for early payment, the
    lines keep their net and bear the taxes of what is left after the discount. Raises what ``assess`` does.
    """
    full = assess(lines, supply, known, policy, currency, discount)
    percent = early_discount(term) if term is not None and early_payment_tax == "always" else Decimal(0)
    if not percent:
        return full
    lower = assess(_discounted(lines, percent), supply, known, policy, currency, _lowered(discount, percent))
    return _taxed_as(full, lower, percent)


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

    return [line._replace(discount_percent=further(line.discount_percent)) for line in lines]


def _lowered(discount: DocumentDiscount | None, percent: Decimal) -> DocumentDiscount | None:
    """The discount on what is left: one of an amount is less by as much."""
    if discount is None or discount.amount is None:
        return discount
    left = EXACT.divide(EXACT.multiply(discount.amount, Decimal(100) - percent), Decimal(100))
    return discount.model_copy(update={"amount": left})


def _taxed_as(full: Assessment, lower: Assessment, percent: Decimal) -> Assessment:
    """The lines of the one with the taxes of the other."""
    lines = tuple(
        line._replace(taxes=other.taxes, tax=other.tax, gross=line.net + other.tax)
        for line, other in zip(full.computation.lines, lower.computation.lines, strict=True)
    )
    computation = replace(
        full.computation,
        lines=lines,
        taxes=lower.computation.taxes,
        tax_total=lower.computation.tax_total,
        total=full.computation.subtotal + lower.computation.tax_total,
    )
    return replace(full, computation=computation, early_discount=percent, discount_rest=None)
