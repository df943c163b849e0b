"""Spread revenue or an expense over the time it belongs to."""

from bigledger.kernel import Context, operation
from bigledger.ledger import (
    DeferralSchedule,
    DeferralScheduleCreated,
    DeferredAlready,
    NewDeferralSchedule,
    PeriodClosed,
    deferrals,
)


@operation(
    "POST /api/v1/deferral-schedules",
    emits=[DeferralScheduleCreated],
    problems=[DeferredAlready, PeriodClosed],
    key_required=True,
)
def create_deferral_schedule(new: NewDeferralSchedule, context: Context) -> DeferralSchedule:
    """Defer a posted line, or an amount that waits on the deferral account."""
    return deferrals.create(new, context)
