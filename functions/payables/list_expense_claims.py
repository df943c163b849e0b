"""List expense claims."""

from bigledger.kernel import Context, Page, operation
from bigledger.payables import ExpenseClaimList, ExpenseClaimSummary, expenses


@operation("GET /api/v1/expense-claims")
def list_expense_claims(query: ExpenseClaimList, context: Context) -> Page[ExpenseClaimSummary]:
    """List claims by status, employee, number and date, each with what is still owed."""
    return expenses.list_all(query, context)
