"""Sales by product, added up from the events of invoices and less those of credit notes."""

from datetime import date
from decimal import Decimal

from bigledger.kernel import Context, Table
from bigledger.receivables import CreditNoteFact, CreditNoteVoided, InvoiceCancelled, InvoiceFact

SALE = Table(
    "reporting.sale",
    ("event_id", "line", "document_id", "company_id", "product_id", "effective_date", "quantity", "net"),
)

_CREDITED = ("issued", "partially_settled", "settled")
"""The statuses of a credit note that is posted."""


def add(event: InvoiceFact, context: Context) -> None:
    """Add an issued invoice's lines to the sales of its day."""
    _count(event, event.date, Decimal(1), context)


def take_off(event: InvoiceCancelled, context: Context) -> None:
    """Take a voided invoice's lines off the sales, on the day its posting is taken back."""
    _count(event, event.cancelled_on, Decimal(-1), context)


def credit(event: CreditNoteFact, context: Context) -> None:
    """Take a posted credit note's lines off the sales of its day; a draft's wait."""
    if event.status in _CREDITED:
        _count(event, event.date, Decimal(-1), context)


def add_again(event: CreditNoteVoided, context: Context) -> None:
    """Add the lines of a voided credit note to the sales again, on the day its posting is taken back."""
    if event.previous_status in _CREDITED:
        _count(event, event.voided_on, Decimal(1), context)


def _count(event: InvoiceFact | CreditNoteFact, on: date, sign: Decimal, context: Context) -> None:
    context.work.append(
        SALE,
        [
            {
                "event_id": context.request.causation_id,
                "line": item.line,
                "document_id": event.id,
                "company_id": event.company.id,
                "product_id": item.product.id,
                "effective_date": on,
                "quantity": item.quantity * sign,
                "net": (event.base.items[place] if event.base else item.net) * sign,
            }
            for place, item in enumerate(event.items)
        ],
    )
