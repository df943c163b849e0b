"""Enter a supplier's credit for a bill."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, DatedTooEarly, DeferralReduced, PeriodClosed
from bigledger.payables import (
    BillPaid,
    BillPartiallyPaid,
    CreditBill,
    DuplicateBill,
    OverCreditedBill,
    SupplierCredit,
    SupplierCreditCreated,
    credits,
)


@operation(
    "POST /api/v1/bills/{id}/credit",
    status=201,
    emits=[DeferralReduced, SupplierCreditCreated, BillPaid, BillPartiallyPaid],
    problems=[
        Conflict,
        StaleVersion,
        DuplicateBill,
        OverCreditedBill,
        DatedTooEarly,
        PeriodClosed,
        AccountNotPostable,
        AccountNotSuitable,
    ],
)
def credit_bill(command: CreditBill, context: Context) -> SupplierCredit:
    """Enter the supplier's credit for a bill, wholly or by lines; it settles the bill as far as that is open."""
    return credits.credit(command, context)
