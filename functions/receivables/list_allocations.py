"""List allocations."""

from bigledger.kernel import Context, Page, operation
from bigledger.receivables import AllocationList, AllocationSummary, reading


@operation("GET /api/v1/allocations")
def list_allocations(query: AllocationList, context: Context) -> Page[AllocationSummary]:
    """List allocations by status, customer and date, newest first unless sorted."""
    return reading.list_allocations(query, context)
