"""Send an invoice to its customer."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.receivables import InvoiceSent, SendInvoice, SentInvoice, sending


@operation("POST /api/v1/invoices/{id}/send", status=200, emits=[InvoiceSent], problems=[Conflict, StaleVersion])
def send_invoice(command: SendInvoice, context: Context) -> SentInvoice:
    """Mark an issued invoice as sent; the event tells where its page is, for whoever delivers it. Takes If-Match."""
    return sending.send(command, context)
