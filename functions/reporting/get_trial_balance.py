"""Read the trial balance."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.reporting import TrialBalanceReport, TrialBalanceReportQuery, trial_balance_report


@operation("GET /api/v1/reports/trial-balance", problems=[UnknownReference])
def get_trial_balance(query: TrialBalanceReportQuery, context: Context) -> TrialBalanceReport:
    """Read the balance of every account, as of a day and as known at an instant; debits equal credits."""
    return trial_balance_report(query, context)
