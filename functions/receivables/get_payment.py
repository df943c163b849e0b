"""Read one payment."""

from bigledger.kernel import Context, operation
from bigledger.receivables import Payment, PaymentReference, payments


@operation("GET /api/v1/payments/{id}")
def get_payment(reference: PaymentReference, context: Context) -> Payment:
    """Read a payment by its id or number, with the invoices it settled, its posting and its events."""
    return payments.get(reference, context)
