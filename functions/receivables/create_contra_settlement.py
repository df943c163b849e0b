"""Set off what a party owes and is owed."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, DatedTooEarly, OverAllocated, PeriodClosed
from bigledger.payables import BillPaid, BillPartiallyPaid, ExpenseClaimReimbursed
from bigledger.receivables import (
    ContraPosted,
    ContraSettlement,
    DebitNoteSettled,
    InvoicePaid,
    InvoicePartiallyPaid,
    NewContraSettlement,
    NotOneParty,
    contra,
)


@operation(
    "POST /api/v1/contra-settlements",
    emits=[
        ContraPosted,
        InvoicePaid,
        InvoicePartiallyPaid,
        DebitNoteSettled,
        BillPaid,
        BillPartiallyPaid,
        ExpenseClaimReimbursed,
    ],
    problems=[
        UnknownReference,
        NotOneParty,
        OverAllocated,
        DatedTooEarly,
        PeriodClosed,
        AccountNotPostable,
        AccountNotSuitable,
    ],
    key_required=True,
)
def create_contra_settlement(new: NewContraSettlement, context: Context) -> ContraSettlement:
    """Set what a customer owes off against what the same party is owed as a supplier."""
    return contra.create(new, context)
