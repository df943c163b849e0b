"""Enter a supplier's bill: computed, held against earlier ones, approved or posted, and published in one call."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, PeriodClosed
from bigledger.payables import Bill, BillCreated, DuplicateBill, NewBill, TotalDiffers, bills
from bigledger.tax import TaxCurrencyDiffers, TaxRateMissing
from bigledger.workflow import ApprovalRequested


@operation(
    "POST /api/v1/bills",
    emits=[BillCreated, ApprovalRequested],
    problems=[
        UnknownReference,
        DuplicateBill,
        TotalDiffers,
        PeriodClosed,
        AccountNotPostable,
        AccountNotSuitable,
        ExchangeRateMissing,
        TaxRateMissing,
        TaxCurrencyDiffers,
    ],
)
def create_bill(new: NewBill, context: Context) -> Bill:
    """Enter a bill of a supplier, as a draft or posted at once; the same number of a supplier is taken once."""
    return bills.create(new, context)
