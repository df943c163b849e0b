"""Record a payment from a customer."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import PeriodClosed
from bigledger.receivables import (
    InvoicePaid,
    InvoicePartiallyPaid,
    NewPayment,
    OverAllocated,
    Payment,
    PaymentReceived,
    payments,
)


@operation(
    "POST /api/v1/payments",
    emits=[PaymentReceived, InvoicePaid, InvoicePartiallyPaid],
    problems=[UnknownReference, OverAllocated, PeriodClosed],
    key_required=True,
)
def record_payment(new: NewPayment, context: Context) -> Payment:
    """Record money received, settle invoices with it and keep the rest as an advance."""
    return payments.record(new, context)
