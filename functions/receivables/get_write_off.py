"""Read one write-off."""

from bigledger.kernel import Context, operation
from bigledger.receivables import WriteOffMade, WriteOffReference, reading


@operation("GET /api/v1/write-offs/{id}")
def get_write_off(reference: WriteOffReference, context: Context) -> WriteOffMade:
    """Read a write-off by its id or number, with its posting and its events."""
    return reading.get_write_off(reference, context)
