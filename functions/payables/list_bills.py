"""List bills."""

from bigledger.kernel import Context, Page, operation
from bigledger.payables import BillList, BillSummary, bills


@operation("GET /api/v1/bills")
def list_bills(query: BillList, context: Context) -> Page[BillSummary]:
    """List bills by status, supplier, number and dates, each with what is still due."""
    return bills.list_all(query, context)
