"""Reopen a closed fiscal year."""

from bigledger.kernel import Context, operation
from bigledger.ledger import (
    FiscalYearClosing,
    FiscalYearReopened,
    JournalEntryVoided,
    ReopenFiscalYear,
    YearNotClosable,
    year_end,
)


@operation(
    "POST /api/v1/fiscal-years/{id}/reopen",
    emits=[FiscalYearReopened, JournalEntryVoided],
    problems=[YearNotClosable],
    key_required=True,
)
def reopen_fiscal_year(command: ReopenFiscalYear, context: Context) -> FiscalYearClosing:
    """Take the closing entry of a year back, and say why; its periods stay closed until they are reopened."""
    return year_end.reopen(command, context)
