"""Read one payment to a supplier."""

from bigledger.kernel import Context, operation
from bigledger.payables import SupplierPayment, SupplierPaymentReference, payments


@operation("GET /api/v1/supplier-payments/{id}")
def get_supplier_payment(reference: SupplierPaymentReference, context: Context) -> SupplierPayment:
    """Read a payment by its id or number, with the bills it settled, its posting and its events."""
    return payments.get(reference, context)
