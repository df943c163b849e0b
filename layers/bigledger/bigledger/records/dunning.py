"""Dunning procedures: when customers are reminded of what is overdue, in which words, and for which fee."""

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Amount, Code, Command, Currency, Name, Number
from bigledger.records.parties import Notes


class DunningFee(Command):
    """What a letter in a currency costs the customer."""

    currency: Currency
    amount: Annotated[Amount, Field(gt=0)]


class DunningLevel(Command):
    """A step of a procedure: from how many days overdue on, and what the letter says and asks for.

    A letter in a currency that no fee is given for has none of these. ``percent`` of each item is added to the fee
    (Tryton's percentage fee), 15 for 15 %. ``interest`` is a rate for a year, 10 for 10 %, on each item for the days
    that it is overdue, a year having 365 (ERPNext's rate of interest). All are due ``payment_days`` after the letter.
    """

    days: Annotated[int, Field(ge=1, le=730)]
    fees: Annotated[list[DunningFee], Field(max_length=50)] = []
    percent: Annotated[Number, Field(gt=0, le=100)] | None = None
    interest: Annotated[Number, Field(gt=0, le=100)] | None = None
    text: Notes | None = None
    payment_days: Annotated[int, Field(ge=0, le=90)] = 7

    @model_validator(mode="after")
    def _one_fee_each(self) -> "DunningLevel":
        if len({fee.currency for fee in self.fees}) < len(self.fees):
            raise PydanticCustomError("fee_given_twice", "give one fee for each currency")
        return self


class DunningProcedure(Command):
    """The levels that an overdue item goes through, one at a time."""

    code: Code
    name: Name
    levels: Annotated[list[DunningLevel], Field(min_length=1, max_length=10)]

    @model_validator(mode="after")
    def _ascending(self) -> "DunningProcedure":
        days = [level.days for level in self.levels]
        if days != sorted(set(days)):
            raise PydanticCustomError("days_not_ascending", "each level begins later than the one before")
        return self
