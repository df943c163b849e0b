"""Post the entry of a journal template for a day."""

from bigledger.kernel import Context, operation
from bigledger.ledger import (
    JournalEntryCreated,
    JournalEntryPosted,
    JournalEntryReversed,
    PeriodClosed,
    RunJournalTemplate,
    TemplateRun,
    templates,
)


@operation(
    "POST /api/v1/journal-templates/{id}/run",
    emits=[JournalEntryCreated, JournalEntryPosted, JournalEntryReversed],
    problems=[PeriodClosed],
    key_required=True,
)
def run_journal_template(command: RunJournalTemplate, context: Context) -> TemplateRun:
    """Run a template for a day, once; run for it again, it answers what it posted."""
    return templates.run(command, context)
