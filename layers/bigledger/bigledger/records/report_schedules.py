"""Report schedules: which report is made as a file again and again, over which period, and on which days."""

import datetime as dt
from calendar import monthrange
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Code, Command, Day, Name, Reference, To, in_order

ReportName = Literal[
    "aged-payables",
    "aged-receivables",
    "balance-sheet",
    "cash-flow",
    "general-ledger",
    "kpis",
    "profit-loss",
    "sales-summary",
    "stock-movements",
    "stock-valuation",
    "tax-summary",
    "trial-balance",
]
"""A report, as its path names it: ``/api/v1/reports/{name}``."""

ReportFormat = Literal["json", "csv", "xlsx", "pdf"]

ReportParameters = Annotated[
    dict[
        Annotated[str, StringConstraints(min_length=1, max_length=100)],
        Annotated[str, StringConstraints(max_length=200)],
    ],
    Field(max_length=30),
]
"""What the report's own operation takes in its query, by the same names."""

RelativePeriod = Literal[
    "day_before", "week_before", "month_before", "quarter_before", "year_before", "month_to_date", "quarter_to_date",
    "year_to_date",
]  # fmt: skip
"""Days told from the day that a schedule is due on: the whole day, week (from Monday), month, quarter or year before

it, or the month, quarter or year that it falls in up to it.
"""


def check_format(report: ReportName, format: ReportFormat) -> None:
    """Raise, as a validator does, for a report that does not come in a format."""
    if report == "kpis" and format != "json":
        raise PydanticCustomError("no_such_format", "the key figures come as json only")


class ReportSchedule(Command):
    """A report that is made from ``starts_on`` every so many days, weeks, months or years, up to ``ends_on``.

    It covers ``period``, told from the day it is due on: a report over days runs from its first to its last, one as of
    a day is as of its last. Days that passed before the schedule was made are not made up for; those it missed are.
    """

    code: Code
    name: Name
    report: ReportName
    format: ReportFormat = "pdf"
    company: Annotated[Reference, To("company")] | None = None
    period: RelativePeriod = "month_before"
    parameters: ReportParameters = {}
    starts_on: Day
    ends_on: Day | None = None
    every: Annotated[int, Field(ge=1, le=366)] = 1
    unit: Literal["day", "week", "month", "year"] = "month"

    _days = in_order("starts_on", "ends_on")

    @model_validator(mode="after")
    def _has_format(self) -> "ReportSchedule":
        check_format(self.report, self.format)
        return self


_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def days_of(period: RelativePeriod, on: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last day of a period that is told from a day."""
    unit, _, which = period.partition("_")
    if unit == "day":
        return on - dt.timedelta(days=1), on - dt.timedelta(days=1)
    if unit == "week":
        monday = on - dt.timedelta(days=on.weekday())
        return monday - dt.timedelta(days=7), monday - dt.timedelta(days=1)
    months = _MONTHS[unit]
    first = dt.date(on.year, (on.month - 1) // months * months + 1, 1)
    if which == "to_date":
        return first, on
    year, month = divmod(first.year * 12 + first.month - 1 - months, 12)
    last = first - dt.timedelta(days=1)
    return dt.date(year, month + 1, 1), last.replace(day=monthrange(last.year, last.month)[1])
