"""Approve an expense claim."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, PeriodClosed
from bigledger.payables import ExpenseClaim, ExpenseClaimApproved, ExpenseClaimReference, expenses
from bigledger.workflow import FourEyesRequired


@operation(
    "POST /api/v1/expense-claims/{id}/approve",
    emits=[ExpenseClaimApproved],
    problems=[Conflict, StaleVersion, FourEyesRequired, PeriodClosed, AccountNotPostable, AccountNotSuitable],
)
def approve_expense_claim(reference: ExpenseClaimReference, context: Context) -> ExpenseClaim:
    """Approve a claim of somebody else and post it: its total is owed to the employee."""
    return expenses.approve(reference, context)
