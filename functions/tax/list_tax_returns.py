"""List tax returns."""

from bigledger.kernel import Context, Page, operation
from bigledger.tax import TaxReturnList, TaxReturnSummary, returns


@operation("GET /api/v1/tax-returns")
def list_tax_returns(query: TaxReturnList, context: Context) -> Page[TaxReturnSummary]:
    """List tax returns by status, number, last day or company, newest first unless sorted."""
    return returns.list_all(query, context)
