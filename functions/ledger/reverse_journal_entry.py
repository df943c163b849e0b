"""Reverse a posted journal entry."""

from bigledger.kernel import Conflict, Context, StaleVersion, UnknownReference, operation
from bigledger.ledger import (
    DatedTooEarly,
    DeferralReduced,
    EntryBound,
    JournalEntryCreated,
    JournalEntryDocument,
    JournalEntryPosted,
    JournalEntryReversed,
    PeriodClosed,
    ReverseJournalEntry,
    journal,
)


@operation(
    "POST /api/v1/journal-entries/{id}/reverse",
    emits=[DeferralReduced, JournalEntryCreated, JournalEntryPosted, JournalEntryReversed],
    problems=[Conflict, StaleVersion, EntryBound, DatedTooEarly, UnknownReference, PeriodClosed],
    key_required=True,
)
def reverse_journal_entry(command: ReverseJournalEntry, context: Context) -> JournalEntryDocument:
    """Take a posted entry back by a mirrored one on a day of its own, which is answered; closed months stay."""
    return journal.reverse(command, context)
