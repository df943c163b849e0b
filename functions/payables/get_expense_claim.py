"""Read one expense claim."""

from bigledger.kernel import Context, operation
from bigledger.payables import ExpenseClaim, ExpenseClaimReference, expenses


@operation("GET /api/v1/expense-claims/{id}")
def get_expense_claim(reference: ExpenseClaimReference, context: Context) -> ExpenseClaim:
    """Read a claim by its id or number, with its posting and what is still owed."""
    return expenses.get(reference, context)
