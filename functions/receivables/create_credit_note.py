"""Create a credit note that stands alone."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, PeriodClosed
from bigledger.receivables import CreditNote, CreditNoteCreated, NewCreditNote, PriceMissing, credit_notes
from bigledger.tax import TaxCurrencyDiffers, TaxRateMissing, TaxUndetermined


@operation(
    "POST /api/v1/credit-notes",
    emits=[CreditNoteCreated],
    problems=[
        UnknownReference,
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
def create_credit_note(new: NewCreditNote, context: Context) -> CreditNote:
    """Create a credit note from customer and product codes; its rest stays in the customer's favour."""
    return credit_notes.create(new, context)
