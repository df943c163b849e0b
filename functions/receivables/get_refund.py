"""Read one refund."""

from bigledger.kernel import Context, operation
from bigledger.receivables import Refund, RefundReference, reading


@operation("GET /api/v1/refunds/{id}")
def get_refund(reference: RefundReference, context: Context) -> Refund:
    """Read a refund by its id or number, with its posting and its events."""
    return reading.get_refund(reference, context)
