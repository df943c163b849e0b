"""The columns of a report: the period asked for, those it is compared with, and the days each figure counts."""

import datetime as dt
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

from bigledger.kernel import Context, Entry, Ref, configuration
from bigledger.records import Company, fiscal_year_start

Compare = Literal["previous_period", "previous_year"]
"""``previous_period``: the days just before, as many months (or days) as the first column has; of a day, the month
before. ``previous_year``: the same days one year earlier."""

EVER = dt.date.min
"""The first day of a figure that counts from the beginning of the books."""


@dataclass(frozen=True, slots=True)
class Span:
    """The days a figure counts, both included, with or without the entries that close fiscal years."""

    first: dt.date
    last: dt.date
    closing: bool = True


@dataclass(frozen=True, slots=True)
class Value:
    """What of a split dimension a column shows: one value, or the lines without any (None)."""

    value: str | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its days, what each measure of the report counts in it of each company, and the share it shows.

    Of a report that is split that is a value of the dimension, or one ``company``; the column of the total has neither.
    """

    first: dt.date
    last: dt.date
    as_of: bool
    spans: Mapping[UUID, Mapping[str, Span]] = field(compare=False)
    share: Value | None = None
    company: Ref | None = None

    @property
    def key(self) -> str:
        """The name of the column within its report."""
        days = str(self.last) if self.as_of else f"{self.first}..{self.last}"
        if self.company is not None:
            return f"{days}:{self.company.code}"
        return days if self.share is None else f"{days}:{self.share.value or ''}"

    @property
    def label(self) -> str:
        """The column's heading."""
        if self.company is not None:
            return self.company.code
        if self.share is not None:
            return self.share.value or "Without"
        return written(self.last) if self.as_of else f"{_start(self.first, self.last)} – {written(self.last)}"

    def of(self, share: Value) -> "Column":
        """The same days for one value of the split dimension."""
        return replace(self, share=share)

    def only(self, company: Ref) -> "Column":
        """The same days of one of the companies."""
        return replace(self, spans={company.id: self.spans[company.id]}, company=company)


def written(day: dt.date) -> str:
    """A day as people write it: 31 Mar 2026."""
    return f"{day.day} {day:%b %Y}"


def _start(first: dt.date, last: dt.date) -> str:
    return f"{first.day} {first:%b}" if first.year == last.year else written(first)


def compared_days(as_of: dt.date, compare: Compare | None, columns: int) -> list[dt.date]:
    """The day a statement is of, and the earlier ones it is compared with."""
    days = [as_of]
    for _ in range(columns if compare else 0):
        days.append(_month_before(days[-1]) if compare == "previous_period" else _year_before(days[-1]))
    return days


def balance_column(context: Context, companies: Iterable[Entry[Company]], day: dt.date) -> Column:
    """The column of a statement as of a day.

    The measures: ``balance`` counts from the beginning, ``year`` from the start of each company's own fiscal year,
    ``earlier`` up to it.
    """
    spans = {}
    for company in companies:
        start = fiscal_year_start(configuration(context), company, day)
        spans[company.id] = {
            "balance": Span(EVER, day),
            "year": Span(start, day),
            "earlier": Span(EVER, start - dt.timedelta(days=1)),
        }
    return Column(day, day, True, spans)


def compared_periods(
    first: dt.date, last: dt.date, compare: Compare | None, columns: int
) -> list[tuple[dt.date, dt.date]]:
    """The period a statement is of, and the earlier ones it is compared with."""
    periods = [(first, last)]
    for _ in range(columns if compare else 0):
        earlier = _period_before if compare == "previous_period" else _period_a_year_before
        periods.append(earlier(*periods[-1]))
    return periods


def movement_column(companies: Iterable[UUID], first: dt.date, last: dt.date) -> Column:
    """The column of a statement over a period.

    The measures: ``movement`` counts the period without closing entries, ``lines`` with them, ``opening`` what was
    before it, ``closing`` what is at its end.
    """
    spans = {
        "movement": Span(first, last, closing=False),
        "lines": Span(first, last),
        "opening": Span(EVER, first - dt.timedelta(days=1)),
        "closing": Span(EVER, last),
    }
    return Column(first, last, False, dict.fromkeys(companies, spans))


def edges(spans: Sequence[Span]) -> list[dt.date]:
    """The days on which a span begins or has just ended: between two of them, all days count alike."""
    days = {span.first for span in spans if span.first != EVER} | {span.last + dt.timedelta(days=1) for span in spans}
    return sorted(days)


def _ends_month(day: dt.date) -> bool:
    return day.day == monthrange(day.year, day.month)[1]


def _months_before(day: dt.date, months: int, keep_end: bool) -> dt.date:
    """The same day some months earlier; the last of a month stays the last when ``keep_end`` says so."""
    place = day.year * 12 + day.month - 1 - months
    year, month = divmod(place, 12)
    length = monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, length if keep_end and _ends_month(day) else min(day.day, length))


def _month_before(day: dt.date) -> dt.date:
    return _months_before(day, 1, keep_end=True)


def _year_before(day: dt.date) -> dt.date:
    return _months_before(day, 12, keep_end=True)


def _period_before(first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    end = first - dt.timedelta(days=1)
    if first.day == 1 and _ends_month(last):
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        return _months_before(first, months, keep_end=False), end
    return end - (last - first), end


def _period_a_year_before(first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    return _months_before(first, 12, keep_end=False), _year_before(last)
