"""File a tax return."""

from bigledger.kernel import Conflict, Context, StaleVersion, UnknownReference, operation
from bigledger.ledger import AccountingPeriodLocked, AccountNotPostable, AccountNotSuitable, DatedTooEarly, PeriodClosed
from bigledger.records import FiscalYearUpdated
from bigledger.tax import DaysFiled, FileTaxReturn, ReturnOutdated, TaxReturn, TaxReturnFiled, returns


@operation(
    "POST /api/v1/tax-returns/{id}/file",
    emits=[TaxReturnFiled, AccountingPeriodLocked, FiscalYearUpdated],
    problems=[
        Conflict,
        StaleVersion,
        ReturnOutdated,
        DaysFiled,
        DatedTooEarly,
        PeriodClosed,
        UnknownReference,
        AccountNotPostable,
        AccountNotSuitable,
    ],
    key_required=True,
)
def file_tax_return(command: FileTaxReturn, context: Context) -> TaxReturn:
    """File a prepared return for good: its tax accounts are settled and its days locked for the taxes it tells of."""
    return returns.file(command, context)
