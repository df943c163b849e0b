"""Refund what a credit note left in the customer's favour."""

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
from bigledger.receivables import CreditNoteSettled, NewRefund, PaymentRefunded, Refund, refunds


@operation(
    "POST /api/v1/credit-notes/{id}/refund",
    status=201,
    emits=[PaymentRefunded, CreditNoteSettled],
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
def refund_credit_note(new: NewRefund, context: Context) -> Refund:
    """Pay out what a credit note left in the customer's favour, wholly or in part."""
    return refunds.refund("credit_note", new, context)
