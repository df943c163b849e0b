"""Write a journal entry by hand."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import (
    AccountNotPostable,
    AccountNotSuitable,
    EntryUnbalanced,
    JournalEntryCreated,
    JournalEntryDocument,
    JournalEntryPosted,
    NewJournalEntry,
    PeriodClosed,
    journal,
)


@operation(
    "POST /api/v1/journal-entries",
    emits=[JournalEntryCreated, JournalEntryPosted],
    problems=[
        UnknownReference,
        EntryUnbalanced,
        ExchangeRateMissing,
        AccountNotPostable,
        AccountNotSuitable,
        PeriodClosed,
    ],
    key_required=True,
)
def create_journal_entry(new: NewJournalEntry, context: Context) -> JournalEntryDocument:
    """Write a journal entry in any currencies, as a draft or posted at once; its debits equal its credits."""
    return journal.create(new, context)
