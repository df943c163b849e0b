"""List deferral schedules."""

from bigledger.kernel import Context, Page, operation
from bigledger.ledger import DeferralList, DeferralSchedule, deferrals


@operation("GET /api/v1/deferral-schedules")
def list_deferral_schedules(query: DeferralList, context: Context) -> Page[DeferralSchedule]:
    """A page of deferral schedules, newest first unless sorted."""
    return deferrals.list_all(query, context)
