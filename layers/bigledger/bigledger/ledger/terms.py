"""When a document falls due: payment terms applied to a date and a total."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal

from bigledger.kernel import Amount, Answer
from bigledger.kernel.money import EXACT, nothing, quantum, round_money, round_to
from bigledger.records import Delay, EarlyDiscount, Instalment, PaymentTerm, RoundedTotal


class DueDiscount(Answer):
    """What may be taken off an instalment that is paid up to and including a day, in the document's currency."""

    until: date
    amount: Amount


class DueInstalment(Answer):
    """What is due when, in the document's currency; ``discount`` is for paying it early."""

    due_date: date
    amount: Amount
    discount: DueDiscount | None = None


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def due_on(instalment: Instalment | EarlyDiscount, on: date) -> date:
    """The due date of an instalment, or the last day of a discount: the date moved on step by step."""
    if isinstance(instalment, EarlyDiscount):
        return _counted(instalment, on, None)
    due = _moved(instalment, on)
    for step in instalment.then:
        due = _moved(step, due)
    return due


def total_rounding(
    rounded: RoundedTotal | None, term: PaymentTerm | None, total: Decimal, currency: str
) -> Decimal | None:
    """What rounding adds to a document's total (or takes off it); None where that is nothing."""
    if rounded is None:
        return None
    parts = _split(term, total, currency) if term is not None and rounded.each_instalment else [total]
    added = [EXACT.subtract(round_to(part, rounded.to, rounded.mode), part) for part in parts]
    return sum(added, nothing(currency)) or None


def instalments(
    term: PaymentTerm | None,
    on: date,
    total: Decimal,
    currency: str,
    counted: Decimal | None = None,
    rounded: RoundedTotal | None = None,
) -> list[DueInstalment]:
    """The total split over the term's due dates without losing a cent; without a term, due at once.

    Discounts for paying early are counted on ``counted``, such as the net, split in the same way; on the total when
    it is None. All instalments but the last are ``rounded`` as the total was.
    """
    if term is None:
        return [DueInstalment(due_date=on, amount=total)]
    amounts = _split(term, total, currency, rounded)
    bases = amounts if counted is None else _split(term, counted, currency)
    due = [
        DueInstalment(
            due_date=due_on(instalment, on), amount=amount, discount=_discount(instalment, on, base, currency)
        )
        for instalment, amount, base in zip(term.instalments, amounts, bases, strict=True)
        if amount or len(amounts) == 1
    ]
    return due or [DueInstalment(due_date=on, amount=total)]


def early_discount(term: PaymentTerm) -> Decimal:
    """What of a document is taken off when every instalment is paid early, in percent of what discounts count on."""
    return sum(
        (
            EXACT.divide(EXACT.multiply(weight, instalment.early_discount.percent or Decimal(0)), Decimal(100))
            for instalment, weight in zip(term.instalments, _weights(term), strict=True)
            if instalment.early_discount
        ),
        Decimal(0),
    )


def _split(term: PaymentTerm, total: Decimal, currency: str, rounded: RoundedTotal | None = None) -> list[Decimal]:
    """The parts of an amount in the order of the instalments, none beyond what is left; the last takes the rest.

    Each is rounded for itself, as Tryton, Odoo and ERPNext do, so that what rounding leaves falls on the last.
    """
    parts, left = [], total
    for instalment in term.instalments[:-1]:
        part = _part(instalment, total, left, currency)
        if rounded is not None:
            part = round_to(part, rounded.to, rounded.mode).quantize(quantum(currency))
        if abs(part) > abs(left):
            part = left
        parts.append(part)
        left = EXACT.subtract(left, part)
    return [*parts, left]


def _part(instalment: Instalment, total: Decimal, left: Decimal, currency: str) -> Decimal:
    if instalment.amount is not None:
        return round_money(instalment.amount, currency).copy_sign(total)
    of = left if instalment.of == "remainder" else total
    return round_money(EXACT.divide(EXACT.multiply(of, instalment.percent or Decimal(0)), Decimal(100)), currency)


def _weights(term: PaymentTerm) -> list[Decimal]:
    """What percentage of the total each instalment is, of terms without fixed amounts; the last takes the rest."""
    found, left = [], Decimal(100)
    for instalment in term.instalments[:-1]:
        percent = instalment.percent or Decimal(0)
        if instalment.of == "remainder":
            percent = EXACT.divide(EXACT.multiply(left, percent), Decimal(100))
        found.append(percent)
        left = EXACT.subtract(left, percent)
    return [*found, left]


def _discount(instalment: Instalment, on: date, base: Decimal, currency: str) -> DueDiscount | None:
    """The discount as the difference that the rounded payment makes (Odoo rounds what is paid, not what is not)."""
    early = instalment.early_discount
    if early is None:
        return None
    if early.percent is None:
        amount = min(round_money(early.amount or Decimal(0), currency), max(base, nothing(currency)))
    else:
        paid = round_money(EXACT.divide(EXACT.multiply(base, Decimal(100) - early.percent), Decimal(100)), currency)
        amount = EXACT.subtract(base, paid)
    return DueDiscount(until=due_on(early, on), amount=amount) if amount else None


def _moved(delay: Delay, on: date) -> date:
    due = _counted(delay, on, delay.on_day)
    if delay.day_of_month is not None:
        due = _next_day_of_month(due, delay.day_of_month)
    if delay.weekday is not None:
        due += timedelta(days=(WEEKDAYS.index(delay.weekday) - due.weekday()) % 7)
    return due


def _counted(delay: Delay | EarlyDiscount, on: date, on_day: int | None) -> date:
    """The end of the month if asked, then months, then the day of that month, then days."""
    at_end = delay.after == "end_of_month"
    due = _months_later(_end_of_month(on) if at_end else on, delay.months, at_end=at_end)
    if on_day is not None:
        due = due.replace(day=min(on_day, monthrange(due.year, due.month)[1]))
    return due + timedelta(days=delay.days)


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
