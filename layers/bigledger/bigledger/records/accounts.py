"""The chart of accounts, the fiscal years with their periods, and the number series."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Code, Command, Currency, Day, Name, Reference, Text, To
from bigledger.records.banks import BankDetails
from bigledger.records.dimensions import AccountDimension

Area = Literal["sales", "cash", "purchase", "stock", "tax", "gl"]
"""The parts of the business whose periods close one by one; ``cash`` is money coming and going."""


class Account(Command):
    """An account of the chart. A group account only adds up those below it and takes no postings."""

    code: Code
    name: Name
    kind: Literal["asset", "liability", "equity", "revenue", "expense"]
    category: Code | None = None
    """Where it stands in statements, such as current_assets or cost_of_sales."""
    parent: Annotated[Reference, To("account")] | None = None
    group: bool = False
    control: Literal["receivable", "payable", "inventory", "bank", "cash", "tax"] | None = None
    """What the account's balance is held against: ``receivable`` the customers' open items, ``payable`` the suppliers',
    ``inventory`` the value of stock, ``bank`` a bank's statements, ``cash`` money that is counted, ``tax`` the tax
    returns."""
    currency: Currency | None = None
    dimensions: Annotated[list[AccountDimension], Field(max_length=20)] = []
    """What its lines say of the dimensions that postings are told apart by."""
    bank_account: BankDetails | None = None
    """The account at a bank that it stands for, which payment runs send money from."""
    description: Text | None = None


class Period(Command):
    """A period of a fiscal year. Closed is closed for all areas; ``closed_areas`` closes some.

    Of the closed areas, ``locked_areas`` are closed for good; a locked period is so for all areas.
    """

    number: Annotated[int, Field(ge=1, le=60)]
    starts_on: Day
    ends_on: Day
    status: Literal["open", "closed", "locked"] = "open"
    closed_areas: list[Area] = []
    locked_areas: list[Area] = []

    @model_validator(mode="after")
    def _locked_is_closed(self) -> "Period":
        if set(self.locked_areas) - set(self.closed_areas):
            raise PydanticCustomError("locked_but_open", "an area that is locked is among the closed areas")
        return self


class FiscalYear(Command):
    """A fiscal year of a company. Without periods it gets one per calendar month."""

    code: Code
    name: Name | None = None
    company: Annotated[Reference, To("company")]
    starts_on: Day
    ends_on: Day
    periods: Annotated[list[Period], Field(max_length=60)] = []

    @model_validator(mode="before")
    @classmethod
    def _monthly(cls, value: Any) -> Any:
        if not isinstance(value, dict) or value.get("periods", []) != []:
            return value
        if value.get("starts_on") and value.get("ends_on"):
            try:
                days = [
                    given if isinstance(given, date) else date.fromisoformat(str(given))
                    for given in (value["starts_on"], value["ends_on"])
                ]
            except ValueError:
                return value
            if days[0] < days[1] < date.max and (days[1] - days[0]).days < 1000:
                return value | {"periods": _months(*days)}
        return value

    @model_validator(mode="after")
    def _covered(self) -> "FiscalYear":
        """The periods follow one another without gap or overlap and cover the year, each with its own number."""
        if len({period.number for period in self.periods}) < len(self.periods):
            raise PydanticCustomError("periods_broken", "give each period a number of its own")
        expected = self.starts_on
        for period in self.periods:
            if period.starts_on != expected or period.ends_on < period.starts_on:
                raise PydanticCustomError(
                    "periods_broken",
                    "period {number} must start on {day}",
                    {"number": period.number, "day": str(expected)},
                )
            expected = period.ends_on + timedelta(days=1)
        if not self.periods or expected != self.ends_on + timedelta(days=1):
            raise PydanticCustomError("periods_broken", "the periods must end with the year, after it starts")
        return self


def _months(starts_on: date, ends_on: date) -> list[dict[str, Any]]:
    periods: list[dict[str, Any]] = []
    start = starts_on
    while start <= ends_on:
        end = min(start.replace(day=monthrange(start.year, start.month)[1]), ends_on)
        periods.append({"number": len(periods) + 1, "starts_on": start, "ends_on": end})
        start = end + timedelta(days=1)
    return periods


class NumberSeries(Command):
    """How documents of one type are numbered, without gaps. {YYYY}, {YY} and {MM} are of the accounting date."""

    code: Code
    name: Name | None = None
    document_type: Code
    company: Annotated[Reference, To("company")]
    prefix: Annotated[str, Field(max_length=30, pattern=r"^[A-Za-z0-9/._-]*(\{(YYYY|YY|MM)\}[A-Za-z0-9/._-]*)*$")]
    width: Annotated[int, Field(ge=1, le=12)] = 6
    restart: Literal["never", "year", "month"] = "year"

    @model_validator(mode="after")
    def _distinct_after_restart(self) -> "NumberSeries":
        """A count that restarts needs its period in the prefix, or numbers would repeat."""
        year = "{YYYY}" in self.prefix or "{YY}" in self.prefix
        if (self.restart == "year" and not year) or (self.restart == "month" and not (year and "{MM}" in self.prefix)):
            raise PydanticCustomError("period_not_in_prefix", "a series that restarts names its period in the prefix")
        return self
