"""Post a draft credit note."""

from bigledger.currency import ExchangeRateMissing
from bigledger.inventory import StockReleased
from bigledger.kernel import Conflict, Context, StaleVersion, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, DatedTooEarly, DeferralReduced, PeriodClosed
from bigledger.receivables import (
    CreditNote,
    CreditNotePosted,
    CreditNoteReference,
    InvoicePaid,
    InvoicePartiallyPaid,
    OverCredited,
    credit_notes,
)
from bigledger.tax import TaxCurrencyDiffers, TaxRateMissing, TaxUndetermined


@operation(
    "POST /api/v1/credit-notes/{id}/post",
    emits=[DeferralReduced, CreditNotePosted, InvoicePaid, InvoicePartiallyPaid, StockReleased],
    problems=[
        Conflict,
        StaleVersion,
        OverCredited,
        DatedTooEarly,
        PeriodClosed,
        UnknownReference,
        ExchangeRateMissing,
        AccountNotPostable,
        AccountNotSuitable,
        TaxUndetermined,
        TaxRateMissing,
        TaxCurrencyDiffers,
    ],
)
def issue_credit_note(reference: CreditNoteReference, context: Context) -> CreditNote:
    """Number and post a draft credit note, and settle its invoice with it."""
    return credit_notes.issue(reference, context)
