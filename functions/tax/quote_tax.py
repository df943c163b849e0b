"""Ask for the taxes of a sale before there is an invoice."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.tax import (
    PriceMissing,
    TaxCurrencyDiffers,
    TaxQuote,
    TaxQuoteRequest,
    TaxRateMissing,
    TaxUndetermined,
    quote,
)


@operation(
    "POST /api/v1/tax-quotes",
    status=200,
    problems=[UnknownReference, PriceMissing, TaxUndetermined, TaxRateMissing, TaxCurrencyDiffers],
)
def quote_tax(request: TaxQuoteRequest, context: Context) -> TaxQuote:
    """Price and tax a sale as an invoice would be, with every step that led there; nothing is made."""
    return quote(request, context)
