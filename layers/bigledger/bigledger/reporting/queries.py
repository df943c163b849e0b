"""What can be asked of a report."""

import datetime as dt
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Code, Command, Context, Day, Entry, Instant, Reference
from bigledger.records import Company
from bigledger.reporting.model import Format
from bigledger.reporting.periods import Compare, year_start

DimensionValue = Annotated[str, StringConstraints(max_length=100)]

_PREFIX = "dimension["


class AnyReportQuery(Command):
    """What all reports take. ``known_at`` counts only what had been recorded by then; ``format`` is how it comes."""

    company: Reference | None = None
    known_at: Instant | None = None
    format: Format = "json"


class ReportQuery(AnyReportQuery):
    """What the reports over journal lines take.

    ``dimension[CODE]=VALUE`` narrows the report to the lines with that value, ``dimension[CODE]=`` to those without
    one; several narrow further.
    """

    dimension: Annotated[dict[Code, DimensionValue], Field(max_length=10)] = {}

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, value: Any) -> Any:
        """Take the dimensions out of the flat query."""
        if not isinstance(value, dict):
            return value
        given = {
            name[len(_PREFIX) : -1]: inner
            for name, inner in value.items()
            if name.startswith(_PREFIX) and name.endswith("]")
        }
        if not given:
            return value
        rest = {name: inner for name, inner in value.items() if not (name.startswith(_PREFIX) and name.endswith("]"))}
        return rest | {"dimension": given}


class StatementQuery(ReportQuery):
    """What the financial statements take.

    ``compare`` adds ``columns`` earlier periods beside the one asked for; ``split`` adds a column per value of a
    dimension instead. ``detail`` shows accounts or only categories; ``zero`` whether rows of nothing are shown.
    """

    compare: Compare | None = None
    columns: int = Field(default=1, ge=1, le=24)
    split: Code | None = None
    detail: Literal["accounts", "categories"] = "accounts"
    zero: Literal["hide", "show"] = "hide"

    @model_validator(mode="after")
    def _one_way(self) -> "StatementQuery":
        if self.split is not None and self.compare is not None:
            raise PydanticCustomError("compared_and_split", "compare periods or split by a dimension, not both at once")
        return self


class BalanceSheetQuery(StatementQuery):
    """As of which day, today in the company's time zone when absent."""

    as_of: Day | None = None


class OfPeriod(Command):
    """From which day to which, both included: the fiscal year up to today when absent."""

    first: Annotated[Day | None, Field(alias="from")] = None
    last: Annotated[Day | None, Field(alias="to")] = None

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.first and self.last and self.first > self.last:
            raise PydanticCustomError("dates_reversed", "from is after to")
        return self


class PeriodQuery(StatementQuery, OfPeriod):
    """A statement over a period."""


class GeneralLedgerQuery(ReportQuery, OfPeriod):
    """The lines of all accounts or of one, in pages."""

    account: Reference | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=400)


class AgeingQuery(AnyReportQuery):
    """What is open as of a day, today when absent, of all customers or suppliers or of one ``party``.

    ``buckets`` are the last days past due of each column, such as ``30,60,90``; what is older stands in one more.
    ``detail`` shows parties, or also their items.
    """

    as_of: Day | None = None
    party: Reference | None = None
    buckets: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}(,[0-9]{1,4}){0,9}$")] = "30,60,90"
    detail: Literal["parties", "items"] = "parties"

    @model_validator(mode="after")
    def _rising(self) -> Self:
        ends = self.ends
        if ends != sorted(set(ends)) or ends[0] == 0:
            raise PydanticCustomError("buckets_out_of_order", "name the buckets' last days in rising order: 30,60,90")
        return self

    @property
    def ends(self) -> list[int]:
        """The last day past due of each bucket."""
        return [int(days) for days in self.buckets.split(",")]


class SalesSummaryQuery(ReportQuery, OfPeriod):
    """Sales by customer or by product."""

    by: Literal["customer", "product"] = "customer"


class StockValuationQuery(AnyReportQuery):
    """What is in stock as of a day, today when absent, of all products and locations or of one, in pages."""

    as_of: Day | None = None
    product: Reference | None = None
    location: Reference | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=400)


class TaxSummaryQuery(ReportQuery, OfPeriod):
    """Taxes of a period."""


def period(
    context: Context, company: Entry[Company], first: dt.date | None, last: dt.date | None
) -> tuple[dt.date, dt.date]:
    """The days of a report over a period: up to today, and from the start of the fiscal year of its end."""
    until = last or max(context.clock.today(company.data.timezone), first or dt.date.min)
    return first or year_start(context, company, until), until
