"""Void a contra settlement."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import DatedTooEarly, PeriodClosed
from bigledger.payables import BillReopened, ExpenseClaimReopened
from bigledger.receivables import (
    ContraSettlement,
    ContraVoided,
    DebitNoteReopened,
    InvoiceReopened,
    VoidContraSettlement,
    contra,
)


@operation(
    "POST /api/v1/contra-settlements/{id}/void",
    emits=[ContraVoided, InvoiceReopened, DebitNoteReopened, BillReopened, ExpenseClaimReopened],
    problems=[Conflict, StaleVersion, DatedTooEarly, PeriodClosed],
)
def void_contra_settlement(command: VoidContraSettlement, context: Context) -> ContraSettlement:
    """Void a contra settlement: its entry is reversed, and both sides are open again."""
    return contra.void(command, context)
