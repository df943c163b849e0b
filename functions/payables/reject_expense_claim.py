"""Send an expense claim back."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.payables import ExpenseClaim, ExpenseClaimRejected, RejectExpenseClaim, expenses


@operation(
    "POST /api/v1/expense-claims/{id}/reject",
    emits=[ExpenseClaimRejected],
    problems=[Conflict, StaleVersion],
)
def reject_expense_claim(command: RejectExpenseClaim, context: Context) -> ExpenseClaim:
    """Send a submitted claim back with the reason; it can be submitted again."""
    return expenses.reject(command, context)
