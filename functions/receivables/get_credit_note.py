"""Read one credit note."""

from bigledger.kernel import Context, operation
from bigledger.receivables import CreditNote, CreditNoteReference, credit_notes


@operation("GET /api/v1/credit-notes/{id}")
def get_credit_note(reference: CreditNoteReference, context: Context) -> CreditNote:
    """Read a credit note by its id or number, with what it settled, its posting and its events."""
    return credit_notes.get(reference, context)
