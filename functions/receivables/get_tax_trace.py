"""Tell how the taxes of an invoice came about."""

from bigledger.kernel import Context, operation
from bigledger.receivables import InvoiceReference, TaxTrace, tax_trace
from bigledger.tax import TaxRateMissing, TaxUndetermined


@operation("GET /api/v1/invoices/{id}/tax-trace", problems=[TaxUndetermined, TaxRateMissing])
def get_tax_trace(reference: InvoiceReference, context: Context) -> TaxTrace:
    """Tell how the taxes of an invoice came about: rules that decided and those that did not, rates and rounding."""
    return tax_trace(reference, context)
