"""Allocate all that a customer has in its favour."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, DatedTooEarly, OverAllocated, PeriodClosed
from bigledger.receivables import (
    AllocationMade,
    AutoAllocation,
    CreditNoteSettled,
    DebitNoteSettled,
    InvoicePaid,
    InvoicePartiallyPaid,
    PaymentMatched,
    allocations,
)


@operation(
    "POST /api/v1/allocations/auto",
    emits=[PaymentMatched, InvoicePaid, InvoicePartiallyPaid, DebitNoteSettled, CreditNoteSettled],
    problems=[UnknownReference, OverAllocated, DatedTooEarly, PeriodClosed, AccountNotPostable, AccountNotSuitable],
    key_required=True,
)
def auto_allocate(new: AutoAllocation, context: Context) -> AllocationMade:
    """Set everything a customer has in its favour against its open invoices, the earliest due first."""
    return allocations.auto(new, context)
