"""Credit an invoice."""

from bigledger.inventory import StockReleased
from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, DatedTooEarly, DeferralReduced, PeriodClosed
from bigledger.receivables import (
    CreditInvoice,
    CreditNote,
    CreditNoteCreated,
    InvoicePaid,
    InvoicePartiallyPaid,
    OverCredited,
    credit_notes,
)


@operation(
    "POST /api/v1/invoices/{id}/credit",
    status=201,
    emits=[DeferralReduced, CreditNoteCreated, InvoicePaid, InvoicePartiallyPaid, StockReleased],
    problems=[
        Conflict,
        StaleVersion,
        OverCredited,
        DatedTooEarly,
        PeriodClosed,
        AccountNotPostable,
        AccountNotSuitable,
    ],
)
def credit_invoice(command: CreditInvoice, context: Context) -> CreditNote:
    """Credit an invoice wholly or in part, and settle it with that as far as it is open."""
    return credit_notes.credit(command, context)
