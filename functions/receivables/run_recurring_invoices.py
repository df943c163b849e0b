"""Make the recurring invoices that are due."""

from bigledger.inventory import StockReserved
from bigledger.kernel import Context, UnknownReference, operation
from bigledger.receivables import InvoiceCreated, RecurringRun, RunRecurringInvoices, recurring
from bigledger.workflow import ApprovalRequested


@operation(
    "POST /api/v1/recurring-invoices/run",
    status=200,
    emits=[InvoiceCreated, StockReserved, ApprovalRequested],
    problems=[UnknownReference],
    key_required=True,
)
def run_recurring_invoices(command: RunRecurringInvoices, context: Context) -> RecurringRun:
    """Make the invoices that schedules are due for, each day once; what was missed is made up for."""
    return recurring.run(command, context)
