"""Set exchange rates."""

from bigledger.currency import ExchangeRates, ExchangeRateSet, SetExchangeRates, set_rates
from bigledger.kernel import Context, InvalidRequest, UnknownReference, operation


@operation("POST /api/v1/exchange-rates", emits=[ExchangeRateSet], problems=[InvalidRequest, UnknownReference])
def set_exchange_rates(new: SetExchangeRates, context: Context) -> ExchangeRates:
    """Set the worth of currencies from a day on; a later setting for the same day corrects it and keeps both."""
    return set_rates(new, context)
