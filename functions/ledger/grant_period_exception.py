"""Grant an exception to a closed period."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import (
    NewPeriodException,
    PeriodException,
    PeriodExceptionGranted,
    PeriodLocked,
    YearClosed,
    period_exceptions,
)


@operation(
    "POST /api/v1/period-exceptions",
    emits=[PeriodExceptionGranted],
    problems=[UnknownReference, PeriodLocked, YearClosed],
)
def grant_period_exception(new: NewPeriodException, context: Context) -> PeriodException:
    """Let a named user post to areas of a closed period, for a reason and until an instant."""
    return period_exceptions.grant(new, context)
