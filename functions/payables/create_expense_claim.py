"""Write an expense claim."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable
from bigledger.payables import ExpenseClaim, ExpenseClaimCreated, NewExpenseClaim, expenses
from bigledger.tax import TaxRateMissing


@operation(
    "POST /api/v1/expense-claims",
    emits=[ExpenseClaimCreated],
    problems=[UnknownReference, ExchangeRateMissing, TaxRateMissing, AccountNotPostable, AccountNotSuitable],
)
def create_expense_claim(new: NewExpenseClaim, context: Context) -> ExpenseClaim:
    """Write down what an employee paid for the company, with the tax in it; nothing is posted yet."""
    return expenses.create(new, context)
