"""Post a draft supplier credit."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Conflict, Context, StaleVersion, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, DeferralReduced, PeriodClosed
from bigledger.payables import (
    BillPaid,
    BillPartiallyPaid,
    OverCreditedBill,
    SupplierCredit,
    SupplierCreditPosted,
    SupplierCreditReference,
    credits,
)
from bigledger.tax import TaxCurrencyDiffers, TaxRateMissing


@operation(
    "POST /api/v1/supplier-credits/{id}/post",
    emits=[DeferralReduced, SupplierCreditPosted, BillPaid, BillPartiallyPaid],
    problems=[
        Conflict,
        StaleVersion,
        UnknownReference,
        OverCreditedBill,
        PeriodClosed,
        AccountNotPostable,
        AccountNotSuitable,
        ExchangeRateMissing,
        TaxRateMissing,
        TaxCurrencyDiffers,
    ],
)
def post_supplier_credit(reference: SupplierCreditReference, context: Context) -> SupplierCredit:
    """Post a draft: number it, post it, and set it against its bill or leave it open."""
    return credits.post_draft(reference, context)
