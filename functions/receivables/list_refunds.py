"""List refunds."""

from bigledger.kernel import Context, Page, operation
from bigledger.receivables import RefundList, RefundSummary, reading


@operation("GET /api/v1/refunds")
def list_refunds(query: RefundList, context: Context) -> Page[RefundSummary]:
    """List refunds by status, customer and date, newest first unless sorted."""
    return reading.list_refunds(query, context)
