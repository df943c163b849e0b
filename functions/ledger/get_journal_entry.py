"""Read a journal entry."""

from bigledger.kernel import Context, operation
from bigledger.ledger import JournalEntryDocument, JournalEntryReference, journal


@operation("GET /api/v1/journal-entries/{id}")
def get_journal_entry(reference: JournalEntryReference, context: Context) -> JournalEntryDocument:
    """Read a journal entry by id or number, with its lines, what it posted and its events."""
    return journal.get(reference, context)
