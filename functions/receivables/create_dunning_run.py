"""Remind customers of what is overdue."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, PeriodClosed
from bigledger.receivables import DunningIssued, DunningRun, DunningRunCreated, NewDunningRun, dunning


@operation(
    "POST /api/v1/dunning-runs",
    emits=[DunningRunCreated, DunningIssued],
    problems=[UnknownReference, ExchangeRateMissing, PeriodClosed, AccountNotPostable, AccountNotSuitable],
    key_required=True,
)
def create_dunning_run(new: NewDunningRun, context: Context) -> DunningRun:
    """Make a letter for each customer and currency about what went up a level; fees are posted."""
    return dunning.create(new, context)
