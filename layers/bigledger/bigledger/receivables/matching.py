"""What every document that settles invoices does to them: settlements, status, link, and the event that tells."""

import datetime as dt
from collections.abc import Sequence

from bigledger.kernel import Context, Document, Ref, documents
from bigledger.kernel.money import quantum
from bigledger.ledger import Settled, settle
from bigledger.receivables.events import (
    CreditNoteSettled,
    DebitNoteSettled,
    InvoicePaid,
    InvoicePartiallyPaid,
    SettlementFact,
)
from bigledger.receivables.payment_model import SettledInvoice

PAYABLE = ("invoice", "debit_note")
"""The documents whose status says what is paid of them."""


def settle_invoice(context: Context, by: Document, invoice: Settled, on: dt.date, kind: str) -> SettledInvoice:
    """Stage the settlements of one invoice or other document, its new status and its link of a kind to what settles it.

    Only invoices and debit notes tell by their status what is paid of them.
    """
    settle(context, by, on, [(share.item.id, share.amount, share.base_amount) for share in invoice.shares])
    due = invoice.open - invoice.amount
    document = invoice.document
    if document.type in PAYABLE:
        documents.change(context, document, status="partially_paid" if due else "paid")
    context.work.link(document.id, by.id, kind)
    # The currency of the items: an entry by hand has that of the books, whatever its lines are in.
    unit = quantum(invoice.items[0].currency)
    return SettledInvoice(
        invoice=Ref(id=document.id, code=document.number or str(document.id)),
        amount=invoice.amount.quantize(unit),
        amount_due=due.quantize(unit),
        status=document.status,
        discount=invoice.discount.quantize(unit) if invoice.discount else None,
        exchange_difference=invoice.difference or None,
        type=None if document.type == "invoice" else document.type,
    )


def tell_settled(
    context: Context, by: Document, customer: Ref, settled: Sequence[Settled], answered: Sequence[SettledInvoice]
) -> None:
    """Emit of each invoice and debit note that it is paid, wholly or in part; of others the event of ``by`` tells."""
    for invoice, answer in zip(settled, answered, strict=True):
        if invoice.document.type not in PAYABLE:
            continue
        event: type[SettlementFact] = InvoicePaid if answer.status == "paid" else InvoicePartiallyPaid
        if invoice.document.type == "debit_note":
            event = DebitNoteSettled
        context.emit(
            event(
                id=invoice.document.id,
                number=str(invoice.document.number),
                customer=customer,
                currency=str(invoice.document.currency),
                amount=answer.amount,
                amount_due=answer.amount_due,
                payment_id=by.id,
            ),
            invoice.document,
        )


def use_source(context: Context, by: Document, source: Settled, customer: Ref) -> None:
    """Link what left something over to what used it; a credit note's status follows what is left of it."""
    context.work.link(source.document.id, by.id, by.type)
    if source.document.type == "credit_note":
        left = source.amount - source.open
        unit = quantum(str(source.document.currency))
        documents.change(context, source.document, status="partially_settled" if left else "settled")
        told = CreditNoteSettled(
            id=source.document.id,
            number=str(source.document.number),
            customer=customer,
            currency=str(source.document.currency),
            amount=(-source.amount).quantize(unit),
            amount_left=left.quantize(unit),
            payment_id=by.id,
        )
        context.emit(told, source.document)
