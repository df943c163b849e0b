"""Enter a supplier's credit that belongs to no bill."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, PeriodClosed
from bigledger.payables import (
    DuplicateBill,
    NewSupplierCredit,
    SupplierCredit,
    SupplierCreditCreated,
    TotalDiffers,
    credits,
)
from bigledger.tax import TaxCurrencyDiffers, TaxRateMissing


@operation(
    "POST /api/v1/supplier-credits",
    emits=[SupplierCreditCreated],
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
def create_supplier_credit(new: NewSupplierCredit, context: Context) -> SupplierCredit:
    """Enter a supplier's credit such as a bonus, as a draft or posted at once; it stays open until it is used."""
    return credits.create(new, context)
