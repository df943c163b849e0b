"""Post what every recurring journal template is due for."""

from bigledger.kernel import Context, operation
from bigledger.ledger import (
    JournalEntryCreated,
    JournalEntryPosted,
    JournalEntryReversed,
    RunDueTemplates,
    TemplateRuns,
    templates,
)


@operation(
    "POST /api/v1/recurring-entries/run",
    emits=[JournalEntryCreated, JournalEntryPosted, JournalEntryReversed],
    status=200,
    key_required=True,
)
def run_due_journal_templates(command: RunDueTemplates, context: Context) -> TemplateRuns:
    """Run every recurring template for each day that it was due on up to a day, and did not run for."""
    return templates.run_due(command, context)
