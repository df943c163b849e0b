"""An invoice's document turned into what is answered, listed, published and promoted to columns."""

from decimal import Decimal
from typing import Any

from bigledger.kernel import Document
from bigledger.kernel.money import quantum
from bigledger.ledger import Posting
from bigledger.receivables.events import InvoiceFact
from bigledger.receivables.model import Invoice, InvoiceData, InvoiceHead, InvoiceSummary, links


def fact(event: type[InvoiceFact], document: Document, data: InvoiceData, **more: Any) -> InvoiceFact:
    """An event of an invoice as it stands now."""
    return event(
        id=document.id,
        number=document.number,
        status=document.status,
        company=data.company,
        customer=data.customer,
        date=data.date,
        due_date=data.due_date,
        currency=data.currency,
        items=data.items,
        subtotal=data.subtotal,
        tax_total=data.tax_total,
        total=data.total,
        taxes=data.taxes,
        rounding=data.rounding,
        base=data.base,
        **more,
    )


def answer(document: Document, data: InvoiceData, posting: Posting, events: list[str], due: Decimal | None) -> Invoice:
    """The invoice as it is answered; ``due`` is what its open items leave, None when it has none."""
    return Invoice(
        id=document.id,
        number=document.number,
        status=document.status,
        version=document.version,
        company=data.company,
        customer=data.customer,
        date=data.date,
        due_date=data.due_date,
        currency=data.currency,
        items=data.items,
        subtotal=data.subtotal,
        tax_total=data.tax_total,
        total=data.total,
        amount_due=_due(data.currency, due),
        taxes=data.taxes,
        rounding=data.rounding,
        tax_rounding=data.tax_rounding,
        discount=data.discount,
        instalments=data.instalments,
        # A void invoice holds neither stock nor credit, whatever it held when it was made.
        reservations=[] if document.status == "void" else data.reservations,
        credit=None if document.status == "void" else data.credit,
        approval=data.approval,
        base=data.base,
        posting=posting,
        events=events,
        links=links("invoices", document.id),
        payment_terms=data.payment_terms,
        ship_to=data.ship_to,
        reference=data.reference,
        note=data.note,
        void_reason=data.void_reason,
        tax_policy=data.tax_policy,
        price_list=data.price_list,
        voided_on=data.voided_on,
        metadata=document.metadata,
    )


def summary(document: Document, due: Decimal | None) -> InvoiceSummary:
    """The invoice as it stands in a list."""
    data = document.read(InvoiceHead)
    return InvoiceSummary(
        id=document.id,
        number=document.number,
        status=document.status,
        version=document.version,
        company=data.company,
        customer=data.customer,
        date=data.date,
        due_date=data.due_date,
        currency=data.currency,
        subtotal=data.subtotal,
        tax_total=data.tax_total,
        total=data.total,
        amount_due=_due(data.currency, due),
    )


def _due(currency: str, due: Decimal | None) -> Decimal:
    """What is due: the open items of an issued invoice; nothing of one that is not issued."""
    return (Decimal(0) if due is None else due).quantize(quantum(currency))


def columns(data: InvoiceData) -> dict[str, Any]:
    """The columns of its document that follow from an invoice's data."""
    return {
        "company_id": data.company.id,
        "party_id": data.customer.id,
        "date": data.date,
        "due_date": data.due_date,
        "currency": data.currency,
        "total": data.total,
    }
