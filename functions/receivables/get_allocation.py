"""Read one allocation."""

from bigledger.kernel import Context, operation
from bigledger.receivables import AllocationMade, AllocationReference, reading


@operation("GET /api/v1/allocations/{id}")
def get_allocation(reference: AllocationReference, context: Context) -> AllocationMade:
    """Read an allocation by its id, with its posting and its events."""
    return reading.get_allocation(reference, context)
