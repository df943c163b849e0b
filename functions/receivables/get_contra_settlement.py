"""Read one contra settlement."""

from bigledger.kernel import Context, operation
from bigledger.receivables import ContraReference, ContraSettlement, contra


@operation("GET /api/v1/contra-settlements/{id}")
def get_contra_settlement(reference: ContraReference, context: Context) -> ContraSettlement:
    """Read a contra settlement by its id or number, with its posting and its events."""
    return contra.get(reference, context)
