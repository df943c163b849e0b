"""List accounting periods."""

from bigledger.kernel import Context, Page, UnknownReference, operation
from bigledger.ledger import AccountingPeriod, PeriodQuery, periods


@operation("GET /api/v1/periods", problems=[UnknownReference])
def list_periods(query: PeriodQuery, context: Context) -> Page[AccountingPeriod]:
    """List the periods of a company's fiscal years, and how each area of them stands: open, closed or locked."""
    return periods.list_all(query, context)
