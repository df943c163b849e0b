"""Void a debit note."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import DatedTooEarly, DeferralReduced, PeriodClosed
from bigledger.receivables import DebitNote, DebitNoteVoided, InvoiceSettled, VoidDebitNote, debit_notes


@operation(
    "POST /api/v1/debit-notes/{id}/void",
    emits=[DeferralReduced, DebitNoteVoided],
    problems=[Conflict, StaleVersion, InvoiceSettled, DatedTooEarly, PeriodClosed],
)
def void_debit_note(command: VoidDebitNote, context: Context) -> DebitNote:
    """Void a debit note that nothing was paid on: its entry is reversed, its number kept."""
    return debit_notes.void(command, context)
