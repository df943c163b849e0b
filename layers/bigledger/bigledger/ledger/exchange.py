"""What is left over in one currency, set against what is open in another: at the rates of the day it came.

A payment settles at the rate of its own day, whenever it is allocated (Odoo's reconciliation of a payment with an
invoice in another currency, IAS 21.28): what it carries in base currency is what the items are settled for.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import orjson

from bigledger.currency import SAME, Rate, missing_rate, rate_json, read_rate
from bigledger.kernel import Context, Entry
from bigledger.kernel.money import EXACT, round_money
from bigledger.records import Company


@dataclass(frozen=True, slots=True)
class Exchange:
    """How amounts of a source's currency become those of another.

    ``agreed`` is the source's currency for one unit of the other; without it ``rates`` has by day what one unit of the
    source's and of the other is worth in base currency.
    """

    source: str
    target: str
    agreed: Decimal | None
    rates: Mapping[dt.date, tuple[Rate, Rate]]

    def worth(self, amount: Decimal, on: dt.date) -> Decimal:
        """What an amount of the source's currency that came on a day settles of the other."""
        if self.agreed is not None:
            return round_money(EXACT.divide(amount, self.agreed), self.target)
        source, target = self.rates[on]
        return round_money(_divided(_times(amount, source), target), self.target)

    def cost(self, amount: Decimal, on: dt.date) -> Decimal:
        """What of the source's currency that came on a day it takes to settle an amount of the other."""
        if self.agreed is not None:
            return round_money(EXACT.multiply(amount, self.agreed), self.source)
        source, target = self.rates[on]
        return round_money(_divided(_times(amount, target), source), self.source)


_RATES = f"""
    SELECT jsonb_object_agg(day.value, jsonb_build_object(
        'source', {rate_json("cast(:source AS text)", "cast(:base AS text)", "day.value::date")},
        'target', {rate_json("cast(:target AS text)", "cast(:base AS text)", "day.value::date")}))::text
    FROM jsonb_array_elements_text(cast(:days AS jsonb)) day
"""


def read_exchange(
    context: Context,
    company: Entry[Company],
    source: str,
    target: str,
    days: Iterable[dt.date],
    agreed: Decimal | None = None,
) -> Exchange:
    """The exchange between two currencies on some days, in one statement; in none with an agreed rate.

    Raises ExchangeRateMissing.
    """
    base = company.data.currency
    if agreed is not None:
        return Exchange(source, target, agreed, {})
    asked = sorted(set(days))
    days_text = orjson.dumps([str(day) for day in asked]).decode()
    found = context.work.read_json(_RATES, source=source, target=target, base=base, days=days_text)
    rates = {}
    for day in asked:
        pair = []
        for name, currency in (("source", source), ("target", target)):
            rate = SAME if currency == base else read_rate(found[str(day)][name])
            if rate is None:
                raise missing_rate(currency, base, day, "/exchange_rate")
            pair.append(rate)
        rates[day] = (pair[0], pair[1])
    return Exchange(source, target, None, rates)


def _times(amount: Decimal, rate: Rate) -> Decimal:
    return EXACT.divide(amount, rate.rate) if rate.inverse else EXACT.multiply(amount, rate.rate)


def _divided(amount: Decimal, rate: Rate) -> Decimal:
    return _times(amount, Rate(rate.rate, not rate.inverse))
