"""Change a draft of a journal entry."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Conflict, Context, StaleVersion, UnknownReference, operation
from bigledger.ledger import (
    AccountNotPostable,
    AccountNotSuitable,
    EntryUnbalanced,
    JournalEntryChange,
    JournalEntryDocument,
    JournalEntryUpdated,
    journal,
)


@operation(
    "PATCH /api/v1/journal-entries/{id}",
    emits=[JournalEntryUpdated],
    problems=[
        Conflict,
        StaleVersion,
        UnknownReference,
        EntryUnbalanced,
        ExchangeRateMissing,
        AccountNotPostable,
        AccountNotSuitable,
    ],
)
def update_journal_entry(change: JournalEntryChange, context: Context) -> JournalEntryDocument:
    """Replace fields or all lines of a draft; rates that were looked up are looked up again. Takes If-Match."""
    return journal.update(change, context)
