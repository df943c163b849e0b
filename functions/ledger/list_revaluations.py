"""List revaluations."""

from bigledger.kernel import Context, Page, operation
from bigledger.ledger import RevaluationList, RevaluationSummary, revaluation


@operation("GET /api/v1/revaluations")
def list_revaluations(query: RevaluationList, context: Context) -> Page[RevaluationSummary]:
    """List revaluations by status, number, date or company, newest first unless sorted."""
    return revaluation.list_all(query, context)
