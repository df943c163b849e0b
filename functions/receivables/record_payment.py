"""Record a payment from a customer."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import (
    AccountNotPostable,
    AccountNotSuitable,
    DatedTooEarly,
    OverAllocated,
    PaymentMethodNotSuitable,
    PeriodClosed,
)
from bigledger.receivables import (
    DebitNoteSettled,
    InvoicePaid,
    InvoicePartiallyPaid,
    NewPayment,
    Payment,
    PaymentReceived,
    payments,
)


@operation(
    "POST /api/v1/payments",
    emits=[PaymentReceived, InvoicePaid, InvoicePartiallyPaid, DebitNoteSettled],
    problems=[
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
def record_payment(new: NewPayment, context: Context) -> Payment:
    """Record money received, settle invoices with it and keep the rest as an advance.

    A write-off asks for the permission receivables.write_off as well.
    """
    return payments.record(new, context)
