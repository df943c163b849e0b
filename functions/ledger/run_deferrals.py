"""Recognise the deferred revenue and expenses that are due."""

from bigledger.kernel import Context, operation
from bigledger.ledger import (
    DeferralRecognised,
    DeferralRun,
    JournalEntryCreated,
    JournalEntryPosted,
    RunDeferrals,
    recognition,
)


@operation(
    "POST /api/v1/deferrals/run",
    emits=[JournalEntryCreated, JournalEntryPosted, DeferralRecognised],
    status=200,
    key_required=True,
)
def run_deferrals(command: RunDeferrals, context: Context) -> DeferralRun:
    """Recognise every instalment that is due up to a day, each once."""
    return recognition.run(command, context)
