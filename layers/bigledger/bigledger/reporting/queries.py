"""What can be asked of a report."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import (
    Code,
    Command,
    Context,
    Day,
    Entry,
    FieldError,
    Instant,
    InvalidRequest,
    Reference,
    configuration,
    in_order,
)
from bigledger.records import Company, fiscal_year_start
from bigledger.reporting.companies import today_of
from bigledger.reporting.model import Format
from bigledger.reporting.periods import Compare

DimensionValue = Annotated[str, StringConstraints(max_length=100)]

Companies = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
"""Names a company by its code or id, or several of them with commas between."""

_PREFIX = "dimension["


class AnyReportQuery(Command):
    """What all reports take. ``known_at`` counts only what had been recorded by then; ``format`` is how it comes."""

    company: Reference | None = None
    known_at: Instant | None = None
    format: Annotated[Format, Field(description="How it comes. Without it the Accept header says so, else JSON.")] = (
        "json"
    )


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


class ColumnsQuery(ReportQuery):
    """What the reports take that show the same figures side by side.

    ``compare`` adds ``columns`` earlier days or periods beside the one asked for. ``split`` adds a column per value of
    a dimension instead or, with ``split=company``, a column per company: of all companies, or of those that ``company``
    names with commas between.
    """

    company: Companies | None = None
    compare: Compare | None = None
    columns: int = Field(default=1, ge=1, le=24)
    split: Code | None = None
    zero: Literal["hide", "show"] = "hide"
    """Whether rows of nothing are shown."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.split is not None and self.compare is not None:
            raise PydanticCustomError(
                "compared_and_split", "compare periods or split by a dimension or company, not both at once"
            )
        return self


class StatementQuery(ColumnsQuery):
    """What the financial statements take. ``detail`` shows accounts or only categories."""

    detail: Literal["accounts", "categories"] = "accounts"


class BalanceSheetQuery(StatementQuery):
    """As of which day, today in the company's time zone when absent."""

    as_of: Day | None = None


class OfPeriod(Command):
    """From which day to which, both included: the fiscal year up to today when absent."""

    first: Annotated[Day | None, Field(alias="from")] = None
    last: Annotated[Day | None, Field(alias="to")] = None

    _days = in_order("first", "last")


class PeriodQuery(StatementQuery, OfPeriod):
    """A statement over a period."""


class GeneralLedgerQuery(ReportQuery, OfPeriod):
    """The lines of all accounts or of one, in pages."""

    account: Reference | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=400)


class AgeingQuery(AnyReportQuery):
    """What is open as of a day, today when absent, of all customers or suppliers or of one ``party``.

    ``by`` counts the days from the due date or from the date of the document, as ERPNext's ageing does.
    ``buckets`` are the last days of each column, such as ``30,60,90``; what is older stands in one more.
    ``detail`` shows parties, or also their items.
    """

    as_of: Day | None = None
    party: Reference | None = None
    by: Literal["due_date", "document_date"] = "due_date"
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


class StockMovementsQuery(AnyReportQuery, OfPeriod):
    """How stock moved over a period, of all products and locations or of one, in pages."""

    product: Reference | None = None
    location: Reference | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=400)


class TaxSummaryQuery(ReportQuery, OfPeriod):
    """Taxes of a period."""


def period(
    context: Context, companies: Sequence[Entry[Company]], first: dt.date | None, last: dt.date | None
) -> tuple[dt.date, dt.date]:
    """The days of a report over a period: up to today, and from the start of the fiscal year of its end.

    Raises InvalidRequest where the fiscal years of the companies begin on different days and none is named.
    """
    until = last or max(today_of(context, companies), first or dt.date.min)
    if first is not None:
        return first, until
    starts = {fiscal_year_start(configuration(context), company, until) for company in companies}
    if len(starts) > 1:
        raise InvalidRequest(
            "The fiscal years of these companies begin on different days.",
            errors=[FieldError("/from", "required", f"say from which day, such as {min(starts)} or {max(starts)}")],
        )
    return starts.pop(), until
