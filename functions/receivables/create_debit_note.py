"""Create a debit note."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Conflict, Context, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, DatedTooEarly, PeriodClosed
from bigledger.receivables import DebitNote, DebitNoteCreated, NewDebitNote, PriceMissing, debit_notes
from bigledger.tax import TaxCurrencyDiffers, TaxRateMissing, TaxUndetermined


@operation(
    "POST /api/v1/debit-notes",
    emits=[DebitNoteCreated],
    problems=[
        Conflict,
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
def create_debit_note(new: NewDebitNote, context: Context) -> DebitNote:
    """Charge a customer further: for lines of an invoice, or for items of its own."""
    return debit_notes.create(new, context)
