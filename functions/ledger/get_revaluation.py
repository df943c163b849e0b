"""Read a revaluation."""

from bigledger.kernel import Context, operation
from bigledger.ledger import Revaluation, RevaluationReference, revaluation


@operation("GET /api/v1/revaluations/{id}")
def get_revaluation(reference: RevaluationReference, context: Context) -> Revaluation:
    """Read a revaluation by id or number: each item with its rate and difference, and what was posted."""
    return revaluation.get(reference, context)
