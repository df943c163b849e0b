"""Void a supplier credit."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import DatedTooEarly, DeferralWasReduced, PeriodClosed
from bigledger.payables import (
    AdvanceUsed,
    BillReopened,
    SupplierCredit,
    SupplierCreditVoided,
    VoidSupplierCredit,
    credits,
)


@operation(
    "POST /api/v1/supplier-credits/{id}/void",
    emits=[SupplierCreditVoided, BillReopened],
    problems=[Conflict, StaleVersion, DeferralWasReduced, AdvanceUsed, DatedTooEarly, PeriodClosed],
)
def void_supplier_credit(command: VoidSupplierCredit, context: Context) -> SupplierCredit:
    """Void a supplier credit that nothing used since: its entry is reversed, and its bill is due again."""
    return credits.void(command, context)
