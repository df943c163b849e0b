"""Refund what a payment left over."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import (
    AccountNotPostable,
    AccountNotSuitable,
    DatedTooEarly,
    OverAllocated,
    PaymentMethodNotSuitable,
    PeriodClosed,
)
from bigledger.receivables import NewRefund, PaymentRefunded, Refund, refunds


@operation(
    "POST /api/v1/payments/{id}/refund",
    status=201,
    emits=[PaymentRefunded],
    problems=[
        Conflict,
        StaleVersion,
        OverAllocated,
        DatedTooEarly,
        PeriodClosed,
        ExchangeRateMissing,
        AccountNotPostable,
        AccountNotSuitable,
        PaymentMethodNotSuitable,
    ],
    key_required=True,
)
def refund_payment(new: NewRefund, context: Context) -> Refund:
    """Pay out what a payment left over, wholly or in part."""
    return refunds.refund("payment", new, context)
