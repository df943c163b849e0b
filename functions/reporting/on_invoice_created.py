"""Adds new invoices to the sales by product."""

from bigledger.kernel import Context, subscriber
from bigledger.receivables import InvoiceCreated
from bigledger.reporting import sales


@subscriber(InvoiceCreated)
def on_invoice_created(event: InvoiceCreated, context: Context) -> None:
    """Count the lines of an invoice that was issued at once; a draft or a waiting one counts when it is posted."""
    if event.status in ("issued", "paid"):
        sales.add(event, context)
