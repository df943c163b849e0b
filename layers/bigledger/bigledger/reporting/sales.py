"""Sales by product, added up from the events of invoices."""

from decimal import Decimal

from bigledger.kernel import Context, Table
from bigledger.receivables import InvoiceFact

SALE = Table(
    "reporting.sale",
    ("event_id", "line", "document_id", "company_id", "product_id", "effective_date", "quantity", "net"),
)


def add(event: InvoiceFact, context: Context, sign: int = 1) -> None:
    """Add an issued invoice's lines to the sales, or take them off again with sign -1."""
    context.work.append(
        SALE,
        [
            {
                "event_id": context.request.causation_id,
                "line": item.line,
                "document_id": event.id,
                "company_id": event.company.id,
                "product_id": item.product.id,
                "effective_date": event.date,
                "quantity": item.quantity * Decimal(sign),
                "net": item.net * Decimal(sign),
            }
            for item in event.items
        ],
    )
