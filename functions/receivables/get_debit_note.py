"""Read one debit note."""

from bigledger.kernel import Context, operation
from bigledger.receivables import DebitNote, DebitNoteReference, debit_notes


@operation("GET /api/v1/debit-notes/{id}")
def get_debit_note(reference: DebitNoteReference, context: Context) -> DebitNote:
    """Read a debit note by its id or number, with its posting, its events and what is still due."""
    return debit_notes.get(reference, context)
