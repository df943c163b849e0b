"""List write-offs."""

from bigledger.kernel import Context, Page, operation
from bigledger.receivables import WriteOffList, WriteOffSummary, reading


@operation("GET /api/v1/write-offs")
def list_write_offs(query: WriteOffList, context: Context) -> Page[WriteOffSummary]:
    """List write-offs by status, customer and date, newest first unless sorted."""
    return reading.list_write_offs(query, context)
