"""What is said and asked about exchange rates."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Answer, Command, Currency, Day, Event, Number, Positive, event

RateType = Literal["spot", "closing", "average"]
"""What a rate is for: ``spot`` values transactions, ``closing`` what is open at the end of a period, ``average`` the
income and expenses of a period (IAS 21.21 to 21.23)."""


class NewExchangeRate(Command):
    """On ``date`` and after it, until a later rate, a unit of ``currency`` is worth ``rate`` of ``base_currency``.

    Without ``base_currency`` it is the currency of the tenant's only company.
    """

    currency: Currency
    base_currency: Currency | None = None
    date: Day
    rate: Positive
    type: RateType = "spot"


class SetExchangeRates(Command):
    """Rates to be set together. A rate for a day that has one corrects it; the earlier one stays on record."""

    rates: Annotated[list[NewExchangeRate], Field(min_length=1, max_length=1000)]

    @model_validator(mode="after")
    def _once_each(self) -> "SetExchangeRates":
        pairs = [(rate.type, rate.currency, rate.base_currency, rate.date) for rate in self.rates]
        if len(set(pairs)) != len(pairs):
            raise PydanticCustomError("rate_given_twice", "one of the rates is given twice for a day")
        return self


class ExchangeRate(Answer):
    """From ``date`` on a unit of ``currency`` is worth ``rate`` of ``base_currency``; recorded at ``recorded_at``."""

    id: UUID
    currency: str
    base_currency: str
    date: dt.date
    rate: Number
    type: RateType
    recorded_at: dt.datetime


class ExchangeRateQuery(Command):
    """Which rates, those of the latest days first: of a currency, in a base, of a type, over days.

    With ``on`` only what holds on that day: of each type and pair the latest up to it, corrections applied.
    """

    currency: Currency | None = None
    base_currency: Currency | None = None
    type: RateType | None = None
    on: Day | None = None
    since: Day | None = None
    until: Day | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, StringConstraints(max_length=400)] | None = None


class ExchangeRates(Answer):
    """The rates that were set, and the events that tell of them."""

    id: UUID
    rates: list[ExchangeRate]
    events: list[str]


@event("exchange_rate.set")
class ExchangeRateSet(Event):
    """Exchange rates were set or corrected."""

    id: UUID
    rates: list[ExchangeRate]
