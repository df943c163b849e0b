"""Close a fiscal year."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import (
    AccountNotPostable,
    AccountNotSuitable,
    CloseFiscalYear,
    FiscalYearClosed,
    FiscalYearClosing,
    JournalEntryPosted,
    YearNotClosable,
    year_end,
)
from bigledger.records import FiscalYearUpdated


@operation(
    "POST /api/v1/fiscal-years/{id}/close",
    emits=[FiscalYearClosed, JournalEntryPosted, FiscalYearUpdated],
    problems=[YearNotClosable, UnknownReference, AccountNotPostable, AccountNotSuitable],
    key_required=True,
)
def close_fiscal_year(command: CloseFiscalYear, context: Context) -> FiscalYearClosing:
    """Take the year's income and expense to retained earnings and close its periods; closing again changes nothing."""
    return year_end.close(command, context)
