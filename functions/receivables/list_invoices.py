"""List invoices."""

from bigledger.kernel import Context, Page, operation
from bigledger.receivables import InvoiceList, InvoiceSummary, invoicing


@operation("GET /api/v1/invoices")
def list_invoices(query: InvoiceList, context: Context) -> Page[InvoiceSummary]:
    """List invoices by status, customer, number and dates, each with what is still due."""
    return invoicing.list_all(query, context)
