"""List credit notes."""

from bigledger.kernel import Context, Page, operation
from bigledger.receivables import CreditNoteList, CreditNoteSummary, credit_notes


@operation("GET /api/v1/credit-notes")
def list_credit_notes(query: CreditNoteList, context: Context) -> Page[CreditNoteSummary]:
    """List credit notes by status, customer, number and date, each with what is left of it."""
    return credit_notes.list_all(query, context)
