"""Write off what a customer will not pay."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, DatedTooEarly, OverAllocated, PeriodClosed
from bigledger.receivables import (
    DebitNoteSettled,
    InvoicePaid,
    InvoicePartiallyPaid,
    NewWriteOff,
    WriteOffMade,
    WriteOffPosted,
    write_offs,
)


@operation(
    "POST /api/v1/write-offs",
    emits=[WriteOffPosted, InvoicePaid, InvoicePartiallyPaid, DebitNoteSettled],
    problems=[UnknownReference, OverAllocated, DatedTooEarly, PeriodClosed, AccountNotPostable, AccountNotSuitable],
    key_required=True,
)
def create_write_off(new: NewWriteOff, context: Context) -> WriteOffMade:
    """Give up what is open of invoices, with a reason; an account of expenses or revenue bears it."""
    return write_offs.create(new, context)
