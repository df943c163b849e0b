"""Post a draft debit note."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Conflict, Context, StaleVersion, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, DatedTooEarly, PeriodClosed
from bigledger.receivables import DebitNote, DebitNotePosted, DebitNoteReference, PriceMissing, debit_notes
from bigledger.tax import TaxCurrencyDiffers, TaxRateMissing, TaxUndetermined


@operation(
    "POST /api/v1/debit-notes/{id}/post",
    emits=[DebitNotePosted],
    problems=[
        Conflict,
        StaleVersion,
        UnknownReference,
        DatedTooEarly,
        PeriodClosed,
        PriceMissing,
        ExchangeRateMissing,
        AccountNotPostable,
        AccountNotSuitable,
        TaxUndetermined,
        TaxRateMissing,
        TaxCurrencyDiffers,
    ],
)
def issue_debit_note(reference: DebitNoteReference, context: Context) -> DebitNote:
    """Number and post a draft debit note."""
    return debit_notes.issue(reference, context)
