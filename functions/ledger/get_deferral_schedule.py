"""Show a deferral schedule."""

from bigledger.kernel import Context, operation
from bigledger.ledger import DeferralReference, DeferralSchedule, deferrals


@operation("GET /api/v1/deferral-schedules/{id}")
def get_deferral_schedule(reference: DeferralReference, context: Context) -> DeferralSchedule:
    """One schedule with its instalments and the entries that recognised them."""
    return deferrals.get(reference, context)
