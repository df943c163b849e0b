"""Change a draft invoice."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Conflict, Context, StaleVersion, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable
from bigledger.receivables import Invoice, InvoiceChange, InvoiceUpdated, PriceMissing, invoicing
from bigledger.tax import TaxCurrencyDiffers, TaxRateMissing, TaxUndetermined


@operation(
    "PATCH /api/v1/invoices/{id}",
    emits=[InvoiceUpdated],
    problems=[
        Conflict,
        StaleVersion,
        UnknownReference,
        PriceMissing,
        ExchangeRateMissing,
        AccountNotPostable,
        AccountNotSuitable,
        TaxUndetermined,
        TaxRateMissing,
        TaxCurrencyDiffers,
    ],
)
def update_invoice(change: InvoiceChange, context: Context) -> Invoice:
    """Replace fields of a draft; its prices, taxes and due dates are worked out again. Takes If-Match."""
    return invoicing.update(change, context)
