"""Close an accounting period."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import AccountingPeriod, AccountingPeriodClosed, PeriodChange, periods
from bigledger.records import FiscalYearUpdated, RecordInUse


@operation(
    "POST /api/v1/periods/{id}/close",
    emits=[AccountingPeriodClosed, FiscalYearUpdated],
    problems=[Conflict, StaleVersion, RecordInUse],
)
def close_period(command: PeriodChange, context: Context) -> AccountingPeriod:
    """Close a period for all areas or for some: it takes no postings until it is reopened."""
    return periods.close(command, context)
