"""An invoice as a page to hand over."""

from bigledger.kernel import Context, operation
from bigledger.reporting import InvoicePage, PrintInvoice, invoice_page


@operation("GET /api/v1/invoices/{id}/pdf")
def get_invoice_pdf(command: PrintInvoice, context: Context) -> InvoicePage:
    """Take an invoice as PDF pages for the customer, with taxes, notes and how to pay."""
    return invoice_page(command, context)
