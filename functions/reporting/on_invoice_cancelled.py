"""Takes voided invoices off the sales by product."""

from bigledger.kernel import Context, subscriber
from bigledger.receivables import InvoiceCancelled
from bigledger.reporting import sales


@subscriber(InvoiceCancelled)
def on_invoice_cancelled(event: InvoiceCancelled, context: Context) -> None:
    """Take the lines of an invoice off again if it had been issued."""
    if event.previous_status in ("issued", "paid"):
        sales.take_off(event, context)
