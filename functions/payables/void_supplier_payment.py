"""Void a payment to a supplier."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import DatedTooEarly, PeriodClosed
from bigledger.payables import (
    AdvanceUsed,
    BillReopened,
    ExpenseClaimReopened,
    SupplierCreditReopened,
    SupplierPayment,
    SupplierPaymentVoided,
    VoidSupplierPayment,
    payments,
)


@operation(
    "POST /api/v1/supplier-payments/{id}/void",
    emits=[ExpenseClaimReopened, SupplierPaymentVoided, BillReopened, SupplierCreditReopened],
    problems=[Conflict, StaleVersion, AdvanceUsed, DatedTooEarly, PeriodClosed],
    key_required=True,
)
def void_supplier_payment(command: VoidSupplierPayment, context: Context) -> SupplierPayment:
    """Void a payment that the bank sent back: its entry is reversed, and what it settled is due again."""
    return payments.void(command, context)
