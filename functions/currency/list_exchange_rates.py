"""List exchange rates."""

from bigledger.currency import ExchangeRate, ExchangeRateQuery, list_rates
from bigledger.kernel import Context, InvalidRequest, Page, operation


@operation("GET /api/v1/exchange-rates", problems=[InvalidRequest])
def list_exchange_rates(query: ExchangeRateQuery, context: Context) -> Page[ExchangeRate]:
    """List the rates that were set, those of the latest days first, or only those that hold on a day."""
    return list_rates(query, context)
