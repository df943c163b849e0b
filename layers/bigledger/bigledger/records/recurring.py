"""Recurring invoices: what is invoiced to whom again and again, and on which days."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Literal, Protocol

from pydantic import Field

from bigledger.kernel import Amount, Code, Command, Currency, Day, Name, Number, Positive, Reference, Text, To, in_order
from bigledger.records.dimensions import Dimensions


class Repeated(Protocol):
    """What is done on ``starts_on`` and every so many days, weeks, months or years after it, up to ``ends_on``."""

    @property
    def starts_on(self) -> date:
        """The first day."""

    @property
    def ends_on(self) -> date | None:
        """The last day that anything is due on."""

    @property
    def every(self) -> int:
        """How many units lie between two days."""

    @property
    def unit(self) -> Literal["day", "week", "month", "year"]:
        """What is counted."""


class RecurringItem(Command):
    """A line of each invoice; without a price it is looked up when the invoice is made."""

    product: Annotated[Reference, To("product")]
    quantity: Positive
    unit_price: Amount | None = None
    discount_percent: Annotated[Number, Field(ge=0, le=100)] | None = None
    description: Text | None = None
    dimensions: Dimensions | None = None


class RecurringInvoice(Command):
    """A schedule of invoices: from ``starts_on`` every so many days, weeks, months or years, up to ``ends_on``.

    Months are counted from ``starts_on``, and a day that a month does not have is its last: the 31st is followed by
    the 28th, the 31st, the 30th. With ``draft`` the invoices wait to be posted.
    """

    code: Code
    name: Name
    customer: Annotated[Reference, To("customer")]
    items: Annotated[list[RecurringItem], Field(min_length=1, max_length=500)]
    starts_on: Day
    ends_on: Day | None = None
    every: Annotated[int, Field(ge=1, le=366)] = 1
    unit: Literal["day", "week", "month", "year"] = "month"
    company: Annotated[Reference, To("company")] | None = None
    currency: Currency | None = None
    payment_terms: Annotated[Reference, To("payment_term")] | None = None
    reference: Text | None = None
    draft: bool = False

    _days = in_order("starts_on", "ends_on")

    def days(self, after: date | None, until: date) -> Iterator[date]:
        """The due days after one (all when it is None) up to and including another."""
        return due_days(self, after, until)


def due_days(schedule: "Repeated", after: date | None, until: date) -> Iterator[date]:
    """The days a schedule is due on after one (all when it is None) up to and including another.

    Months are counted from its first day, and a day that a month does not have is its last.
    """
    last = until if schedule.ends_on is None else min(until, schedule.ends_on)
    place = 0 if after is None else _place(schedule, after)
    while (day := _day(schedule, place)) <= last:
        if after is None or day > after:
            yield day
        place += 1


def _day(schedule: "Repeated", place: int) -> date:
    """The due day of a place, counted from zero."""
    if schedule.unit in ("day", "week"):
        return schedule.starts_on + timedelta(days=place * schedule.every * (7 if schedule.unit == "week" else 1))
    months = place * schedule.every * (12 if schedule.unit == "year" else 1)
    year, month = divmod(schedule.starts_on.year * 12 + schedule.starts_on.month - 1 + months, 12)
    return date(year, month + 1, min(schedule.starts_on.day, monthrange(year, month + 1)[1]))


def _place(schedule: "Repeated", on: date) -> int:
    """A place whose day is not after a day, so that counting need not begin at the start."""
    if schedule.unit in ("day", "week"):
        return max((on - schedule.starts_on).days // (schedule.every * (7 if schedule.unit == "week" else 1)), 0)
    months = (on.year - schedule.starts_on.year) * 12 + on.month - schedule.starts_on.month
    return max(months // (schedule.every * (12 if schedule.unit == "year" else 1)) - 1, 0)
