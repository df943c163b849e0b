"""A debit note as a page to hand over."""

from bigledger.kernel import Context, operation
from bigledger.reporting import InvoicePage, PrintInvoice, invoice_page


@operation("GET /api/v1/debit-notes/{id}/pdf")
def get_debit_note_pdf(command: PrintInvoice, context: Context) -> InvoicePage:
    """Take a debit note as PDF pages for the customer: with taxes, the reason and how to pay."""
    return invoice_page(command, context, "debit_note")
