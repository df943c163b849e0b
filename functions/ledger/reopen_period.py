"""Reopen an accounting period."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import AccountingPeriod, AccountingPeriodReopened, ReopenPeriod, YearClosed, periods
from bigledger.records import FiscalYearUpdated, RecordInUse


@operation(
    "POST /api/v1/periods/{id}/reopen",
    emits=[AccountingPeriodReopened, FiscalYearUpdated],
    problems=[Conflict, StaleVersion, YearClosed, RecordInUse],
)
def reopen_period(command: ReopenPeriod, context: Context) -> AccountingPeriod:
    """Open a closed period again, for all areas or for some, and say why; what is locked stays."""
    return periods.reopen(command, context)
