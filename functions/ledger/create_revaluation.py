"""Revalue what is open in foreign currencies."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import (
    AccountNotPostable,
    AccountNotSuitable,
    FxRevalued,
    LaterRevaluation,
    NewRevaluation,
    PeriodClosed,
    Revaluation,
    revaluation,
)


@operation(
    "POST /api/v1/revaluations",
    emits=[FxRevalued],
    problems=[
        UnknownReference,
        ExchangeRateMissing,
        LaterRevaluation,
        PeriodClosed,
        AccountNotPostable,
        AccountNotSuitable,
    ],
    key_required=True,
)
def create_revaluation(new: NewRevaluation, context: Context) -> Revaluation:
    """Value open items and money in foreign currencies at the rates of a day; items get their value back after it."""
    return revaluation.create(new, context)
