"""Adds posted invoices to the sales by product."""

from bigledger.kernel import Context, subscriber
from bigledger.receivables import InvoicePosted
from bigledger.reporting import sales


@subscriber(InvoicePosted)
def on_invoice_posted(event: InvoicePosted, context: Context) -> None:
    """Count the lines of a draft or an approved invoice once it is issued."""
    if event.status in ("issued", "paid"):
        sales.add(event, context)
