"""The shapes of revaluations: what is open in foreign currencies, at the rate of a day."""

import datetime as dt
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import (
    Amount,
    Answer,
    Command,
    Currency,
    Day,
    Event,
    Filter,
    ListQuery,
    Number,
    Positive,
    Ref,
    Reference,
    Text,
    event,
)
from bigledger.ledger.entries import Posting


class GivenRate(Command):
    """A unit of ``currency`` is worth ``rate`` of the company's base currency, whatever rates are on record."""

    currency: Currency
    rate: Positive


class NewRevaluation(Command):
    """Values what is open in foreign currencies at the end of a day, ``date`` (today when absent).

    A currency that ``rates`` does not name is valued at the closing rate set for that day, else at the spot rate in
    force on it, whichever is later. ``reverse`` says whether what open items were revalued by is taken back: by
    default the company's policy does; ``reverse_on`` is the day of that, the next one when absent. Accounts of money
    keep their new value.
    """

    company: Reference | None = None
    date: Day | None = None
    rates: Annotated[list[GivenRate], Field(max_length=200)] = []
    reverse: bool | None = None
    reverse_on: Day | None = None
    text: Text | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if len({rate.currency for rate in self.rates}) < len(self.rates):
            raise PydanticCustomError("rate_given_twice", "give one rate for each currency")
        if self.reverse is False and self.reverse_on is not None:
            raise PydanticCustomError("reversal_unwanted", "give reverse_on only where it is to be reversed")
        return self


class ReverseRevaluation(Command):
    """Takes back what of a revaluation still stands, on ``date``: the day after it when absent."""

    id: Reference
    reason: Text
    date: Day | None = None


class RevaluationReference(Command):
    """Names a revaluation by its id or number."""

    id: Reference


class RevaluationList(ListQuery):
    """Which revaluations to list."""

    allowed_filters = {
        "status": Filter("status"),
        "number": Filter("number"),
        "date": Filter("date", "date"),
        "company": Filter("company_id", "uuid", "company"),
    }
    allowed_sorts = ("date", "number")


class Revalued(Answer):
    """One open item or account of money: ``amount`` is in ``currency``, all others in base currency.

    ``carried_amount`` is what it stood at, ``recognised_amount`` what earlier revaluations that still stand added to
    it, ``revalued_amount`` what it is worth at ``rate``; ``difference`` is the rest: a gain above zero, a loss below.
    """

    kind: Literal["open_item", "account"]
    account: Ref
    document: Ref | None = None
    open_item_id: UUID | None = None
    party_id: UUID | None = None
    currency: str
    amount: Amount
    rate: Number | None = None
    carried_amount: Amount
    recognised_amount: Amount
    revalued_amount: Amount
    difference: Amount


class RevaluationData(Answer):
    """What is stored of a revaluation besides the columns of its document. ``total`` is ``gain`` less ``loss``."""

    company: Ref
    date: dt.date
    currency: str
    items: list[Revalued]
    gain: Amount
    loss: Amount
    total: Amount
    reverses_on: dt.date | None = None
    reversed_on: dt.date | None = None
    reason: str | None = None
    text: str | None = None


class RevaluationLinks(Answer):
    """Where to go from here."""

    self: str
    history: str


class RevaluationSummary(Answer):
    """A revaluation in a list; ``total`` is its gain (above zero) or loss in ``currency``, the base currency."""

    id: UUID
    number: str
    status: str
    version: int
    company: Ref
    date: dt.date
    currency: str
    total: Amount
    reverses_on: dt.date | None = None


class Revaluation(RevaluationData):
    """A revaluation with what it posted."""

    id: UUID
    number: str
    status: str
    version: int
    posting: Posting
    events: list[str]
    links: RevaluationLinks


@event("fx.revalued")
class FxRevalued(Event):
    """What is open in foreign currencies was revalued at the rates of a day. Amounts are in ``currency``."""

    id: UUID
    number: str
    company: Ref
    date: dt.date
    currency: str
    gain: Amount
    loss: Amount
    total: Amount
    reverses_on: dt.date | None = None


@event("fx.revaluation_reversed")
class FxRevaluationReversed(Event):
    """What still stood of a revaluation was taken back on ``reversed_on``."""

    id: UUID
    number: str
    company: Ref
    date: dt.date
    currency: str
    total: Amount
    reversed_on: dt.date
    reason: Text
