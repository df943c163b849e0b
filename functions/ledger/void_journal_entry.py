"""Make a journal entry void."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import (
    DeferralReduced,
    EntryBound,
    JournalEntryDocument,
    JournalEntryVoided,
    PeriodClosed,
    VoidJournalEntry,
    journal,
)


@operation(
    "POST /api/v1/journal-entries/{id}/void",
    emits=[DeferralReduced, JournalEntryVoided],
    problems=[Conflict, StaleVersion, EntryBound, PeriodClosed],
    key_required=True,
)
def void_journal_entry(command: VoidJournalEntry, context: Context) -> JournalEntryDocument:
    """Void an entry while its period is open: a contra entry on its own date, its number kept."""
    return journal.void(command, context)
