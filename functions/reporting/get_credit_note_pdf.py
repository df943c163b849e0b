"""A credit note as a page to hand over."""

from bigledger.kernel import Context, operation
from bigledger.reporting import InvoicePage, PrintInvoice, invoice_page


@operation("GET /api/v1/credit-notes/{id}/pdf")
def get_credit_note_pdf(command: PrintInvoice, context: Context) -> InvoicePage:
    """Take a credit note as PDF pages for the customer: what it takes back, with taxes and the reason."""
    return invoice_page(command, context, "credit_note")
