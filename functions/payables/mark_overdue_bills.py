"""Mark which bills are overdue."""

from bigledger.kernel import Context, operation
from bigledger.payables import BillOverdue, MarkOverdueBills, OverdueBillsMarked, overdue


@operation("POST /api/v1/jobs/mark-overdue-bills", status=200, emits=[BillOverdue])
def mark_overdue_bills(command: MarkOverdueBills, context: Context) -> OverdueBillsMarked:
    """Tell of each instalment of a bill that is past its due date, once; the clock does the same by itself."""
    return overdue.mark(command, context)
