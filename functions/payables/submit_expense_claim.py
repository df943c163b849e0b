"""Submit an expense claim."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.payables import ExpenseClaim, ExpenseClaimReference, ExpenseClaimSubmitted, expenses


@operation(
    "POST /api/v1/expense-claims/{id}/submit",
    emits=[ExpenseClaimSubmitted],
    problems=[Conflict, StaleVersion],
)
def submit_expense_claim(reference: ExpenseClaimReference, context: Context) -> ExpenseClaim:
    """Hand a claim in for approval, also one that was sent back."""
    return expenses.submit(reference, context)
