"""Sales by product, added up from the events of invoices."""

from datetime import date
from decimal import Decimal

from bigledger.kernel import Context, Table
from bigledger.receivables import InvoiceCancelled, InvoiceFact

SALE = Table(
    "reporting.sale",
    ("event_id", "line", "document_id", "company_id", "product_id", "effective_date", "quantity", "net"),
)


def add(event: InvoiceFact, context: Context) -> None:
    """Add an issued invoice's lines to the sales of its day."""
    _count(event, event.date, Decimal(1), context)


def take_off(event: InvoiceCancelled, context: Context) -> None:
    """Take a voided invoice's lines off the sales, on the day its posting is taken back."""
    _count(event, event.cancelled_on, Decimal(-1), context)


def _count(event: InvoiceFact, on: date, sign: Decimal, context: Context) -> None:
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
