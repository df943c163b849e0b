"""Lock an accounting period."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import AccountingPeriod, AccountingPeriodLocked, PeriodChange, PeriodNotClosed, periods
from bigledger.records import FiscalYearUpdated, RecordInUse


@operation(
    "POST /api/v1/periods/{id}/lock",
    emits=[AccountingPeriodLocked, FiscalYearUpdated],
    problems=[Conflict, StaleVersion, PeriodNotClosed, RecordInUse],
)
def lock_period(command: PeriodChange, context: Context) -> AccountingPeriod:
    """Close a closed period for good, for all areas or for some; earlier periods come first."""
    return periods.lock(command, context)
