"""Post a draft bill."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Conflict, Context, StaleVersion, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, PeriodClosed
from bigledger.payables import Bill, BillPosted, PostBill, TotalDiffers, bills
from bigledger.tax import TaxCurrencyDiffers, TaxRateMissing
from bigledger.workflow import ApprovalRequested


@operation(
    "POST /api/v1/bills/{id}/post",
    emits=[BillPosted, ApprovalRequested],
    problems=[
        Conflict,
        StaleVersion,
        UnknownReference,
        TotalDiffers,
        PeriodClosed,
        AccountNotPostable,
        AccountNotSuitable,
        ExchangeRateMissing,
        TaxRateMissing,
        TaxCurrencyDiffers,
    ],
)
def post_bill(command: PostBill, context: Context) -> Bill:
    """Post a draft: ask for approval, or number it and post it to the ledger."""
    return bills.post_draft(command, context)
