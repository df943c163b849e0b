"""Post a draft of a journal entry."""

from bigledger.kernel import Conflict, Context, StaleVersion, UnknownReference, operation
from bigledger.ledger import (
    AccountNotPostable,
    AccountNotSuitable,
    JournalEntryDocument,
    JournalEntryPosted,
    PeriodClosed,
    PostJournalEntry,
    journal,
)


@operation(
    "POST /api/v1/journal-entries/{id}/post",
    emits=[JournalEntryPosted],
    problems=[Conflict, StaleVersion, UnknownReference, AccountNotPostable, AccountNotSuitable, PeriodClosed],
    key_required=True,
)
def post_journal_entry(command: PostJournalEntry, context: Context) -> JournalEntryDocument:
    """Number a draft and post it as it stands; from then on it does not change."""
    return journal.post_draft(command, context)
