"""Read the trial balance."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.reporting import TrialBalance, TrialBalanceQuery, trial_balance


@operation("GET /api/v1/reports/trial-balance", problems=[UnknownReference])
def get_trial_balance(query: TrialBalanceQuery, context: Context) -> TrialBalance:
    """Read the balance of every account, as of a day and as known at an instant; debits equal credits."""
    return trial_balance(query, context)
