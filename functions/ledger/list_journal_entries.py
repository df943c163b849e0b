"""List journal entries."""

from bigledger.kernel import Context, Page, operation
from bigledger.ledger import JournalEntryList, JournalEntrySummary, journal


@operation("GET /api/v1/journal-entries")
def list_journal_entries(query: JournalEntryList, context: Context) -> Page[JournalEntrySummary]:
    """List journal entries by status, number, date or company, newest first unless sorted."""
    return journal.list_all(query, context)
