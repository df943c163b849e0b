"""Change an expense claim."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Conflict, Context, StaleVersion, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable
from bigledger.payables import ExpenseClaim, ExpenseClaimChange, ExpenseClaimUpdated, expenses
from bigledger.tax import TaxRateMissing


@operation(
    "PATCH /api/v1/expense-claims/{id}",
    emits=[ExpenseClaimUpdated],
    problems=[
        Conflict,
        StaleVersion,
        UnknownReference,
        ExchangeRateMissing,
        TaxRateMissing,
        AccountNotPostable,
        AccountNotSuitable,
    ],
)
def update_expense_claim(change: ExpenseClaimChange, context: Context) -> ExpenseClaim:
    """Replace fields of a claim that is a draft or was sent back; it is worked out again. Takes If-Match."""
    return expenses.update(change, context)
