"""List payments."""

from bigledger.kernel import Context, Page, operation
from bigledger.receivables import PaymentList, PaymentSummary, payments


@operation("GET /api/v1/payments")
def list_payments(query: PaymentList, context: Context) -> Page[PaymentSummary]:
    """List payments by status, customer, number and date, each with what is left of it."""
    return payments.list_all(query, context)
