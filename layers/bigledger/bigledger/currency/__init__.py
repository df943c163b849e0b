"""Currencies: exchange rates by day and type, as known at any time, and conversion by them."""

from typing import TYPE_CHECKING

from bigledger.kernel.faces import face

if TYPE_CHECKING:
    from bigledger.currency.model import (
        ExchangeRate,
        ExchangeRateQuery,
        ExchangeRates,
        ExchangeRateSet,
        SetExchangeRates,
    )
    from bigledger.currency.rates import (
        SAME,
        ExchangeRateMissing,
        Rate,
        balanced_in_base,
        missing_rate,
        rate_json,
        read_rate,
    )
    from bigledger.currency.setting import list_rates, set_rates
else:
    __getattr__ = face(__name__)

__all__ = [
    "SAME",
    "ExchangeRate",
    "ExchangeRateMissing",
    "ExchangeRateQuery",
    "ExchangeRateSet",
    "ExchangeRates",
    "Rate",
    "SetExchangeRates",
    "balanced_in_base",
    "list_rates",
    "missing_rate",
    "rate_json",
    "read_rate",
    "set_rates",
]
