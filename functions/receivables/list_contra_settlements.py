"""List contra settlements."""

from bigledger.kernel import Context, Page, operation
from bigledger.receivables import ContraList, ContraSummary, contra


@operation("GET /api/v1/contra-settlements")
def list_contra_settlements(query: ContraList, context: Context) -> Page[ContraSummary]:
    """List contra settlements by status, customer and date, newest first unless sorted."""
    return contra.list_all(query, context)
