"""Read one invoice."""

from bigledger.kernel import Context, operation
from bigledger.receivables import Invoice, InvoiceReference, invoicing


@operation("GET /api/v1/invoices/{id}")
def get_invoice(reference: InvoiceReference, context: Context) -> Invoice:
    """Read an invoice by its id or number, with what is still due, its posting and its events."""
    return invoicing.get(reference, context)
