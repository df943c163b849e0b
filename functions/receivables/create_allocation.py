"""Allocate what is left over of payments and credit notes to invoices."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, DatedTooEarly, OverAllocated, PeriodClosed
from bigledger.receivables import (
    AllocationMade,
    CreditNoteSettled,
    DebitNoteSettled,
    InvoicePaid,
    InvoicePartiallyPaid,
    NewAllocation,
    PaymentMatched,
    allocations,
)


@operation(
    "POST /api/v1/allocations",
    emits=[PaymentMatched, InvoicePaid, InvoicePartiallyPaid, DebitNoteSettled, CreditNoteSettled],
    problems=[
        UnknownReference,
        OverAllocated,
        DatedTooEarly,
        PeriodClosed,
        ExchangeRateMissing,
        AccountNotPostable,
        AccountNotSuitable,
    ],
    key_required=True,
)
def create_allocation(new: NewAllocation, context: Context) -> AllocationMade:
    """Set what payments and credit notes left over against open invoices, many to many, also in part."""
    return allocations.create(new, context)
