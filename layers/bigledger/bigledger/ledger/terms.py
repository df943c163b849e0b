"""When a document falls due: payment terms applied to a date and a total."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal

from bigledger.kernel import Amount, Answer
from bigledger.kernel.money import EXACT, distribute, quantum, round_money
from bigledger.records import EarlyDiscount, Instalment, PaymentTerm


class DueDiscount(Answer):
    """What may be taken off an instalment that is paid up to and including a day, in the document's currency."""

    until: date
    amount: Amount


class DueInstalment(Answer):
    """What is due when, in the document's currency; ``discount`` is for paying it early."""

    due_date: date
    amount: Amount
    discount: DueDiscount | None = None


def due_on(instalment: Instalment | EarlyDiscount, on: date) -> date:
    """The due date of an instalment: end of month if asked, then months, then days, then the day of the month."""
    due = _end_of_month(on) if instalment.after == "end_of_month" else on
    due = _months_later(due, instalment.months, at_end=instalment.after == "end_of_month")
    due += timedelta(days=instalment.days)
    if isinstance(instalment, Instalment) and instalment.day_of_month is not None:
        due = _next_day_of_month(due, instalment.day_of_month)
    return due


def instalments(
    term: PaymentTerm | None, on: date, total: Decimal, currency: str, counted: Decimal | None = None
) -> list[DueInstalment]:
    """The total split over the term's due dates without losing a cent; without a term, due at once.

    Discounts for paying early are counted on ``counted``, such as the net, split in the same way; on the total when
    it is None.
    """
    if term is None:
        return [DueInstalment(due_date=on, amount=total)]
    weights = _weights(term)
    amounts = distribute(total, weights, quantum(currency))
    bases = amounts if counted is None else distribute(counted, weights, quantum(currency))
    return [
        DueInstalment(
            due_date=due_on(instalment, on), amount=amount, discount=_discount(instalment, on, base, currency)
        )
        for instalment, amount, base in zip(term.instalments, amounts, bases, strict=True)
        if amount or len(amounts) == 1
    ]


def early_discount(term: PaymentTerm) -> Decimal:
    """What of a document is taken off when every instalment is paid early, in percent of what discounts count on."""
    return sum(
        (
            EXACT.divide(EXACT.multiply(weight, instalment.early_discount.percent), Decimal(100))
            for instalment, weight in zip(term.instalments, _weights(term), strict=True)
            if instalment.early_discount
        ),
        Decimal(0),
    )


def _weights(term: PaymentTerm) -> list[Decimal]:
    """The percentages of a term's instalments; the last takes what the others leave."""
    given = [instalment.percent or Decimal(0) for instalment in term.instalments]
    return [*given[:-1], Decimal(100) - sum(given[:-1], Decimal(0))]


def _discount(instalment: Instalment, on: date, base: Decimal, currency: str) -> DueDiscount | None:
    early = instalment.early_discount
    if early is None:
        return None
    amount = round_money(EXACT.divide(EXACT.multiply(base, early.percent), Decimal(100)), currency)
    return DueDiscount(until=due_on(early, on), amount=amount) if amount else None


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
