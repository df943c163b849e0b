"""List payments to suppliers."""

from bigledger.kernel import Context, Page, operation
from bigledger.payables import SupplierPaymentList, SupplierPaymentSummary, payments


@operation("GET /api/v1/supplier-payments")
def list_supplier_payments(query: SupplierPaymentList, context: Context) -> Page[SupplierPaymentSummary]:
    """List payments by status, supplier, number and date, each with what is left of it."""
    return payments.list_all(query, context)
