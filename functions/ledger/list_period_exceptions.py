"""List exceptions to closed periods."""

from bigledger.kernel import Context, Page, operation
from bigledger.ledger import PeriodException, PeriodExceptionList, period_exceptions


@operation("GET /api/v1/period-exceptions")
def list_period_exceptions(query: PeriodExceptionList, context: Context) -> Page[PeriodException]:
    """List who was allowed to post to closed periods, why and until when, newest first."""
    return period_exceptions.list_all(query, context)
