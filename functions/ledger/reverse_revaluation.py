"""Reverse what stands of a revaluation."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import (
    DatedTooEarly,
    FxRevaluationReversed,
    LaterRevaluation,
    PeriodClosed,
    Revaluation,
    ReverseRevaluation,
    revaluation,
)


@operation(
    "POST /api/v1/revaluations/{id}/reverse",
    emits=[FxRevaluationReversed],
    problems=[Conflict, StaleVersion, LaterRevaluation, DatedTooEarly, PeriodClosed],
    key_required=True,
)
def reverse_revaluation(command: ReverseRevaluation, context: Context) -> Revaluation:
    """Take back on a day what of a revaluation still stands: money, and items that were not taken back with it."""
    return revaluation.reverse(command, context)
