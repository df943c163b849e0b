"""When a document falls due: payment terms applied to a date and a total."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal

from bigledger.kernel import Amount, Answer
from bigledger.kernel.money import distribute, quantum
from bigledger.records import Instalment, PaymentTerm


class DueInstalment(Answer):
    """What is due when, in the document's currency."""

    due_date: date
    amount: Amount


def due_on(instalment: Instalment, on: date) -> date:
    """The due date of an instalment: end of month if asked, then months, then days, then the day of the month."""
    due = _end_of_month(on) if instalment.after == "end_of_month" else on
    due = _months_later(due, instalment.months, at_end=instalment.after == "end_of_month")
    due += timedelta(days=instalment.days)
    if instalment.day_of_month is not None:
        due = _next_day_of_month(due, instalment.day_of_month)
    return due


def instalments(term: PaymentTerm | None, on: date, total: Decimal, currency: str) -> list[DueInstalment]:
    """The total split over the term's due dates without losing a cent; without a term, due at once."""
    if term is None:
        return [DueInstalment(due_date=on, amount=total)]
    given = [instalment.percent or Decimal(0) for instalment in term.instalments]
    weights = [*given[:-1], Decimal(100) - sum(given[:-1], Decimal(0))]
    amounts = distribute(total, weights, quantum(currency))
    return [
        DueInstalment(due_date=due_on(instalment, on), amount=amount)
        for instalment, amount in zip(term.instalments, amounts, strict=True)
        if amount or len(amounts) == 1
    ]


def _end_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _months_later(day: date, months: int, at_end: bool) -> date:
    if not months:
        return day
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, last if at_end else min(day.day, last))


def _next_day_of_month(day: date, wanted: int) -> date:
    """The first day on or after ``day`` that is the wanted day of its month, or the last where a month is shorter."""
    this_month = min(wanted, monthrange(day.year, day.month)[1])
    if day.day <= this_month:
        return day.replace(day=this_month)
    return _next_day_of_month(_end_of_month(day) + timedelta(days=1), wanted)
