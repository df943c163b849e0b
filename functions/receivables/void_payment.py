"""Void a payment."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import DatedTooEarly, PeriodClosed
from bigledger.receivables import (
    Allocated,
    DebitNoteReopened,
    InvoiceReopened,
    Payment,
    PaymentVoided,
    VoidPayment,
    payments,
)


@operation(
    "POST /api/v1/payments/{id}/void",
    emits=[PaymentVoided, DebitNoteReopened, InvoiceReopened],
    problems=[Conflict, StaleVersion, Allocated, DatedTooEarly, PeriodClosed],
    key_required=True,
)
def void_payment(command: VoidPayment, context: Context) -> Payment:
    """Void a payment, as when it bounced: its entry is reversed, and what it settled is due again."""
    return payments.void(command, context)
