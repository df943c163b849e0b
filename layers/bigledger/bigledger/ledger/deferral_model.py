"""The shapes of deferrals, and how an amount is spread over a time."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from math import lcm
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Amount, Answer, Command, Day, Filter, ListQuery, Ref, Reference, Text
from bigledger.kernel.money import EXACT, LARGEST_AMOUNT, round_money
from bigledger.ledger.entries import Posting
from bigledger.ledger.journal_model import OnClosedPeriod
from bigledger.records import DeferralMethod, Dimensions

DeferralKind = Literal["revenue", "expense"]
"""What comes into the result later: revenue that was billed, or an expense that was paid."""


class DeferralSource(Command):
    """A posted line: the document by id or number, and its line, counted from 1 in the document's posting."""

    document: Reference
    line: Annotated[int, Field(ge=1)]


class NewDeferralSchedule(Command):
    """Spreads an amount over the days from ``starts_on`` to ``ends_on``, or over ``months`` months.

    With a ``source`` the amount, the account and the dimensions are those of that line. A line of revenue or expense
    is taken off the result by an entry of its own on the line's date; one that stands on the deferral account
    already is not. Without a source, ``amount`` is what stands on the deferral account. ``account`` is where it is
    recognised, ``deferral_account`` where it waits, the company's own when absent. ``method`` says how it is spread,
    the company's policy ``deferral_method`` when absent.
    """

    id: UUID | None = None
    company: Reference | None = None
    kind: DeferralKind | None = None
    source: DeferralSource | None = None
    amount: Annotated[Amount, Field(gt=0, lt=LARGEST_AMOUNT)] | None = None
    account: Reference | None = None
    deferral_account: Reference | None = None
    starts_on: Day
    ends_on: Day | None = None
    months: Annotated[int, Field(ge=1, le=600)] | None = None
    method: DeferralMethod | None = None
    dimensions: Dimensions | None = None
    text: Text | None = None
    on_closed_period: OnClosedPeriod = "refuse"

    @model_validator(mode="after")
    def _fitting(self) -> "NewDeferralSchedule":
        if (self.ends_on is None) == (self.months is None):
            raise PydanticCustomError("ends_on_or_months", "give either ends_on or months")
        if self.ends_on is not None and not 0 <= (self.ends_on - self.starts_on).days < 50 * 365:
            raise PydanticCustomError("dates_reversed", "ends_on is from starts_on on, within 50 years")
        if self.source is None and (self.amount is None or self.account is None or self.kind is None):
            raise PydanticCustomError("source_or_amount", "without a source give kind, amount and account")
        return self


class RunDeferrals(Command):
    """Recognises what is due up to ``until``, today when absent, and was not recognised yet."""

    until: Day | None = None
    company: Reference | None = None
    on_closed_period: OnClosedPeriod = "refuse"


class DeferralReference(Command):
    """Names a schedule by its id or number."""

    id: Reference


class DeferralList(ListQuery):
    """Which schedules to list."""

    allowed_filters = {"status": Filter("status"), "number": Filter("number"), "date": Filter("date", "date")}
    allowed_sorts = ("date", "number")


class DeferralInstalment(Answer):
    """A part of the amount and the day it is recognised on, in base currency."""

    number: int
    date: dt.date
    amount: Amount
    entry: Ref | None = None
    """The entry that recognised it."""


class DeferralReduction(Answer):
    """What a void or a credit of the source took of what was still to come, on a day, in base currency.

    ``posted`` is what went from the deferral account onto the result with it, below zero what was taken off the result.
    """

    document: Ref
    date: dt.date
    amount: Amount
    posted: Amount


class DeferralData(Answer):
    """What is stored of a schedule. Amounts are in ``currency``, the company's base currency."""

    company: Ref
    kind: DeferralKind
    currency: str
    amount: Amount
    account: Ref
    deferral_account: Ref
    starts_on: dt.date
    ends_on: dt.date
    method: DeferralMethod
    instalments: list[DeferralInstalment]
    dimensions: dict[str, str] | None = None
    source: Ref | None = None
    source_line: int | None = None
    source_line_amount: Amount | None = None
    """What the source's line came to when it was deferred: less what was credited of it by then."""
    product: Ref | None = None
    """What the source's line is about: what is recognised counts with its sales, and with those to the customer."""
    source_amount: Amount | None = None
    """What was deferred at first, where voids and credits of the source reduced it since."""
    reductions: list[DeferralReduction] = []
    text: str | None = None


class DeferralSchedule(DeferralData):
    """A schedule, with what was recognised of it and the entry that took the amount off the result."""

    id: UUID
    number: str | None = None
    status: str
    """``active``, ``completed`` once all of it is recognised, ``cancelled`` once all that was left is taken back."""
    version: int
    recognised: Amount
    remaining: Amount
    posting: Posting | None = None
    """What this schedule's own document posted: the transfer off the result."""
    events: list[str] = []


class Recognition(Answer):
    """An instalment that was recognised."""

    schedule: Ref
    instalment: int
    date: dt.date
    amount: Amount
    entry: Ref


class RefusedRecognition(Answer):
    """An instalment that is due and could not be recognised, and why."""

    schedule: Ref
    instalment: int
    date: dt.date
    code: str
    detail: str


class DeferralRun(Answer):
    """What was recognised up to a day. ``more`` says that there is more to do."""

    until: dt.date
    recognised: list[Recognition]
    refused: list[RefusedRecognition]
    more: bool


def last_day(starts_on: dt.date, months: int) -> dt.date:
    """The last of so many months from a day on: a year from the 15th of January ends on the 14th of January."""
    year, month = divmod(starts_on.year * 12 + starts_on.month - 1 + months, 12)
    following = dt.date(year, month + 1, 1)
    length = ((following + dt.timedelta(days=32)).replace(day=1) - following).days
    return following.replace(day=min(starts_on.day, length)) - dt.timedelta(days=1)


def spread(
    amount: Decimal, currency: str, starts_on: dt.date, ends_on: dt.date, months: int | None, method: DeferralMethod
) -> list[DeferralInstalment]:
    """The amount straight-line over the time by a method; the last instalment takes the rest that rounding leaves.

    ``months`` counts for the method of that name: so many, where there are any, instead of those the time touches.
    """
    spans = list(_calendar_months(starts_on, ends_on))
    if method == "months":
        weighted = [(_month_end(starts_on, place), 1) for place in range(months or len(spans))]
    elif method == "full_months":
        following = ends_on + dt.timedelta(days=1)
        whole = [end for start, end in spans if (start.year, start.month) < (following.year, following.month)]
        weighted = [(_month_end(end, 0), 1) for end in whole or [ends_on]]
    else:
        weighted = [(end, _WEIGHTS[method](start, end)) for start, end in spans]
    left, parts, counted = amount, [], sum(weight for _, weight in weighted)
    for _, weight in weighted[:-1]:
        part = round_money(EXACT.divide(EXACT.multiply(amount, Decimal(weight)), Decimal(counted)), currency)
        part = min(part, left)
        parts.append(part)
        left -= part
    parts.append(left)
    due = [(end, part) for (end, _), part in zip(weighted, parts, strict=True) if part]
    return [DeferralInstalment(number=number, date=end, amount=part) for number, (end, part) in enumerate(due, 1)]


def _days(start: dt.date, end: dt.date) -> int:
    return (end - start).days + 1


def _of_thirty(start: dt.date, end: dt.date) -> int:
    """The days of a part of a calendar month, of which every one has 30; its last day is the thirtieth."""
    following = end + dt.timedelta(days=1)
    until = 31 if following.day == 1 else _thirtieth(following)
    return until - _thirtieth(start)


def _of_calendar_month(start: dt.date, end: dt.date) -> int:
    """The share that a part has of its calendar month, in parts of the month that come out even for all lengths."""
    return _days(start, end) * _EVEN // _month_end(start, 0).day


def _thirtieth(day: dt.date) -> int:
    return 30 if day == _month_end(day, 0) else day.day


_EVEN = lcm(28, 29, 30, 31)

_WEIGHTS = {"days": _days, "months_30": _of_thirty, "months_actual": _of_calendar_month}
"""What a part of a calendar month counts by a method."""


def _calendar_months(starts_on: dt.date, ends_on: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    start = starts_on
    while start <= ends_on:
        end = min(_month_end(start, 0), ends_on)
        yield start, end
        start = end + dt.timedelta(days=1)


def _month_end(day: dt.date, later: int) -> dt.date:
    """The last day of the calendar month so many months later."""
    year, month = divmod(day.year * 12 + day.month + later, 12)
    return dt.date(year, month + 1, 1) - dt.timedelta(days=1)
