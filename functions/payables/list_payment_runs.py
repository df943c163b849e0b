"""List payment runs."""

from bigledger.kernel import Context, Page, operation
from bigledger.payables import PaymentRunList, PaymentRunSummary, runs


@operation("GET /api/v1/payment-runs")
def list_payment_runs(query: PaymentRunList, context: Context) -> Page[PaymentRunSummary]:
    """List payment runs by status, number and date."""
    return runs.list_all(query, context)
