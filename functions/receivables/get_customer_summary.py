"""Read a customer at a glance."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.receivables import CreditQuery, CustomerSummary, summaries


@operation("GET /api/v1/customers/{id}/summary", problems=[UnknownReference])
def get_customer_summary(query: CreditQuery, context: Context) -> CustomerSummary:
    """Read a customer's balances, its credit and its last twelve months."""
    return summaries.summary(query, context)
