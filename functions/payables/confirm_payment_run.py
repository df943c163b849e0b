"""Record what the bank did with a payment run."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, DatedTooEarly, OverAllocated, PeriodClosed
from bigledger.payables import (
    BillPaid,
    BillPartiallyPaid,
    ConfirmPaymentRun,
    PaymentMade,
    PaymentRun,
    PaymentRunConfirmed,
    SupplierCreditSettled,
    runs,
)


@operation(
    "POST /api/v1/payment-runs/{id}/confirm",
    emits=[PaymentRunConfirmed, PaymentMade, BillPaid, BillPartiallyPaid, SupplierCreditSettled],
    problems=[
        Conflict,
        StaleVersion,
        OverAllocated,
        DatedTooEarly,
        PeriodClosed,
        ExchangeRateMissing,
        AccountNotPostable,
        AccountNotSuitable,
    ],
    key_required=True,
)
def confirm_payment_run(command: ConfirmPaymentRun, context: Context) -> PaymentRun:
    """Confirm lines as paid, which records their payments, or as rejected, which leaves their bills due."""
    return runs.confirm(command, context)
