"""Taxes of invoices and credit notes that are due at payment: pending when posted, due as they are settled."""

from collections.abc import Iterable
from decimal import Decimal

from bigledger.kernel import Context, Document, configuration
from bigledger.ledger import Settled
from bigledger.receivables.model import InvoiceData
from bigledger.receivables.tax_facts import base_of_tax
from bigledger.records import Account, Tax
from bigledger.tax import PendingTax, SettledPart, give_back, pend


def pend_taxes(context: Context, document: Document, data: InvoiceData) -> None:
    """Stage the taxes of an invoice that are due as it is paid."""
    taxes = _pending(context, document, data, Decimal(1))
    if taxes:
        pend(context, document, data.date, taxes)


def credit_taxes(
    context: Context, document: Document, data: InvoiceData, settled: Iterable[Settled], left: Decimal
) -> None:
    """Stage what a credit note takes off its invoice's pending taxes, and what is pending until the rest is used."""
    taxes = _pending(context, document, data, Decimal(-1))
    if not taxes:
        return
    origin = next((one.document.id for one in settled), document.id)
    give_back(context, document, data.date, SettledPart(origin, data.total - left, data.total), taxes)


def _pending(context: Context, document: Document, data: InvoiceData, sign: Decimal) -> list[PendingTax]:
    known = configuration(context)
    pending = []
    for total in data.taxes:
        tax = known.find(Tax, total.code)
        if tax is None or tax.data.due != "payment":
            continue
        amount = data.base.taxes[total.code] if data.base else total.amount
        base = sum((base_of_tax(data, place, total.code) for place in range(len(data.items))), Decimal(0))
        pending.append(
            PendingTax(
                origin_id=document.id,
                kind="sale" if sign > 0 else "sale_credit",
                tax=total.code,
                base=sign * base,
                amount=sign * amount,
                transition_account=known.get(Account, data.accounts.taxes[total.code]).id,
                account=known.get(Account, tax.data.account).id,
            )
        )
    return pending
