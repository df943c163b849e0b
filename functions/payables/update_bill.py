"""Change a draft bill."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Conflict, Context, StaleVersion, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable
from bigledger.payables import Bill, BillChange, BillUpdated, DuplicateBill, TotalDiffers, bills
from bigledger.tax import TaxCurrencyDiffers, TaxRateMissing


@operation(
    "PATCH /api/v1/bills/{id}",
    emits=[BillUpdated],
    problems=[
        Conflict,
        StaleVersion,
        UnknownReference,
        DuplicateBill,
        TotalDiffers,
        ExchangeRateMissing,
        AccountNotPostable,
        AccountNotSuitable,
        TaxRateMissing,
        TaxCurrencyDiffers,
    ],
)
def update_bill(change: BillChange, context: Context) -> Bill:
    """Replace fields of a draft; its taxes, costs and due dates are worked out again. Takes If-Match."""
    return bills.update(change, context)
