"""Void a credit note."""

from bigledger.inventory import InsufficientStock, StockReserved
from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import DatedTooEarly, DeferralReduced, DeferralWasReduced, PeriodClosed
from bigledger.receivables import (
    Allocated,
    CreditNote,
    CreditNoteVoided,
    InvoiceReopened,
    VoidCreditNote,
    credit_notes,
)


@operation(
    "POST /api/v1/credit-notes/{id}/void",
    emits=[DeferralReduced, CreditNoteVoided, InvoiceReopened, StockReserved],
    problems=[Conflict, StaleVersion, DeferralWasReduced, Allocated, DatedTooEarly, PeriodClosed, InsufficientStock],
)
def void_credit_note(command: VoidCreditNote, context: Context) -> CreditNote:
    """Void a credit note: its entry is reversed, and what it settled is open again."""
    return credit_notes.void(command, context)
