"""Tax withheld from bills when they are posted: less is owed to the supplier from then on, and a credit takes it back.

The supplier's paper says nothing of it, so the bill's total stays what the paper says; the instalments, the open items
and what is posted as payable are what is left of it.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from bigledger.currency import Rate
from bigledger.kernel import Context, Entry, configuration
from bigledger.kernel.money import EXACT, round_money
from bigledger.ledger import DueInstalment, instalments, spread
from bigledger.payables.model import BillData
from bigledger.payables.withholding import rule_of, withheld
from bigledger.payables.withholding_model import ReducedPart, Withholding, WithholdingCount
from bigledger.records import Company, PaymentTerm

_ZERO = Decimal(0)

_Data = TypeVar("_Data", bound=BillData)


def less_withheld(data: BillData, supplier: Mapping[str, Any], context: Context, company: Entry[Company]) -> BillData:
    """The bill with what is withheld of it on its date, as the year of its supplier stands, which ``supplier`` tells.

    What was worked out before is worked out anew. Raises what ``rule_of`` does.
    """
    whole = data.model_copy(update={"withholding": None, "withholding_counts": None})
    rule = None if data.withhold is False else rule_of(supplier, context, company, data.date, "bill")
    found = withheld(rule, [(whole, data.total)], (), company, data.currency)
    if found.kept is None and data.withholding is None:
        return whole.model_copy(update={"withholding_counts": list(found.counted) or None})
    kept = found.kept.amount if found.kept else _ZERO
    term = configuration(context).find(PaymentTerm, data.payment_terms) if data.payment_terms else None
    counted = None if company.data.policies.early_payment_tax == "at_payment" else data.subtotal
    due = instalments(term.data if term else None, data.supplier_date, data.total - kept, data.currency, counted)
    return kept_back(whole, found.kept, list(found.counted) or None, due)


def kept_back(
    data: _Data, kept: Withholding | None, counted: list[WithholdingCount] | None, due: list[DueInstalment]
) -> _Data:
    """The bill or credit with what is kept back of it and the instalments that are left, in base currency too."""
    base = data.base
    if base:
        amount = Rate(base.exchange_rate).to_base(kept.amount, base.currency) if kept else None
        left = spread(base.total - (amount or _ZERO), due, base.currency)
        base = base.model_copy(update={"withheld": amount, "instalments": left})
    return data.model_copy(
        update={"withholding": kept, "withholding_counts": counted, "instalments": due, "base": base}
    )


def no_longer_kept(
    bill: BillData, before: Decimal, total: Decimal
) -> tuple[Withholding | None, list[WithholdingCount] | None]:
    """What a credit that comes to ``total`` takes back of a bill's withholding, others having come to ``before``.

    It does so in proportion, so that credits of the whole bill take back all of it.
    """
    if not bill.withholding_counts:
        return None, None

    def part(amount: Decimal, currency: str) -> Decimal:
        until, earlier = (
            round_money(EXACT.divide(EXACT.multiply(amount, credited), bill.total), currency) if bill.total else _ZERO
            for credited in (before + total, before)
        )
        return until - earlier

    in_base = bill.base.currency if bill.base else bill.currency
    counted = [
        one.model_copy(
            update={
                "base": -part(one.base, in_base),
                "charged": -part(one.charged, in_base),
                "whole": None,
                "base_before": None,
                "charged_before": None,
            }
        )
        for one in bill.withholding_counts
    ]
    kept = bill.withholding
    if kept is None:
        return None, counted
    reduced = kept.reduced and ReducedPart(
        certificate=kept.reduced.certificate,
        rate=kept.reduced.rate,
        base=part(kept.reduced.base, bill.currency),
        amount=part(kept.reduced.amount, bill.currency),
    )
    base, amount = part(kept.base, bill.currency), part(kept.amount, bill.currency)
    return kept.model_copy(update={"base": base, "amount": amount, "reduced": reduced}), counted
