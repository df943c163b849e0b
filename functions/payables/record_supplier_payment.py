"""Record a payment to a supplier."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import (
    AccountNotPostable,
    AccountNotSuitable,
    DatedTooEarly,
    OverAllocated,
    PaymentMethodNotSuitable,
    PeriodClosed,
)
from bigledger.payables import (
    BillOnHold,
    BillPaid,
    BillPartiallyPaid,
    ExpenseClaimReimbursed,
    NewSupplierPayment,
    PaymentMade,
    SupplierCreditSettled,
    SupplierPayment,
    payments,
)


@operation(
    "POST /api/v1/supplier-payments",
    emits=[ExpenseClaimReimbursed, PaymentMade, BillPaid, BillPartiallyPaid, SupplierCreditSettled],
    problems=[
        BillOnHold,
        UnknownReference,
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
def record_supplier_payment(new: NewSupplierPayment, context: Context) -> SupplierPayment:
    """Record money paid to a supplier, settle bills with it and its credits, and keep the rest as an advance."""
    return payments.record(new, context)
