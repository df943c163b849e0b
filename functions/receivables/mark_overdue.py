"""Mark what is overdue."""

from bigledger.kernel import Context, operation
from bigledger.receivables import InvoiceOverdue, MarkOverdue, OverdueMarked, overdue


@operation("POST /api/v1/jobs/mark-overdue", status=200, emits=[InvoiceOverdue])
def mark_overdue(command: MarkOverdue, context: Context) -> OverdueMarked:
    """Tell of each instalment that is past its due date, once; the clock does the same by itself."""
    return overdue.mark(command, context)
