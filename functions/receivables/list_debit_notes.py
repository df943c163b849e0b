"""List debit notes."""

from bigledger.kernel import Context, Page, operation
from bigledger.receivables import DebitNoteList, DebitNoteSummary, debit_notes


@operation("GET /api/v1/debit-notes")
def list_debit_notes(query: DebitNoteList, context: Context) -> Page[DebitNoteSummary]:
    """List debit notes by status, customer, number and dates, each with what is still due."""
    return debit_notes.list_all(query, context)
