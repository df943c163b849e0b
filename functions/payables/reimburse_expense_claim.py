"""Reimburse an expense claim."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import (
    AccountNotPostable,
    AccountNotSuitable,
    DatedTooEarly,
    OverAllocated,
    PaymentMethodNotSuitable,
    PeriodClosed,
)
from bigledger.payables import ExpenseClaimReimbursed, PaymentMade, ReimburseExpenseClaim, SupplierPayment, expenses


@operation(
    "POST /api/v1/expense-claims/{id}/reimburse",
    status=201,
    emits=[PaymentMade, ExpenseClaimReimbursed],
    problems=[
        Conflict,
        StaleVersion,
        OverAllocated,
        DatedTooEarly,
        PeriodClosed,
        ExchangeRateMissing,
        AccountNotPostable,
        AccountNotSuitable,
        PaymentMethodNotSuitable,
    ],
    key_required=True,
)
def reimburse_expense_claim(command: ReimburseExpenseClaim, context: Context) -> SupplierPayment:
    """Pay an approved claim out to the employee, wholly or in part."""
    return expenses.reimburse(command, context)
