"""Record a payment of one invoice."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Conflict, Context, StaleVersion, UnknownReference, operation
from bigledger.ledger import (
    AccountNotPostable,
    AccountNotSuitable,
    DatedTooEarly,
    OverAllocated,
    PaymentMethodNotSuitable,
    PeriodClosed,
)
from bigledger.receivables import InvoicePaid, InvoicePartiallyPaid, InvoicePayment, Payment, PaymentReceived, paying


@operation(
    "POST /api/v1/invoices/{id}/payments",
    status=201,
    emits=[PaymentReceived, InvoicePaid, InvoicePartiallyPaid],
    problems=[
        Conflict,
        StaleVersion,
        UnknownReference,
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
def pay_invoice(new: InvoicePayment, context: Context) -> Payment:
    """Record money received for one invoice: all that is open of it, or an amount; what is too much is an advance."""
    return paying.pay(new, context)
