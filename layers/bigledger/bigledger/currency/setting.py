"""Setting exchange rates and listing them."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from bigledger.currency.model import (
    ExchangeRate,
    ExchangeRateQuery,
    ExchangeRates,
    ExchangeRateSet,
    SetExchangeRates,
)
from bigledger.kernel import Context, Document, FieldError, InvalidRequest, Page, Table, documents
from bigledger.kernel.configuration import check_currency
from bigledger.kernel.listing import bad_cursor, cursor, read_cursor
from bigledger.records import company_of

_EXCHANGE_RATE = Table(
    "currency.exchange_rate", ("id", "document_id", "type", "currency", "base", "effective_date", "rate")
)


def set_rates(new: SetExchangeRates, context: Context) -> ExchangeRates:
    """Record rates; they hold from their day on.

    Raises InvalidRequest for a rate of a currency in itself, and UnknownReference for one of an archived currency.
    """
    home = None if all(rate.base_currency for rate in new.rates) else company_of(context, None).data.currency
    rates = [
        ExchangeRate(
            id=context.new_id(),
            currency=rate.currency,
            base_currency=rate.base_currency or str(home),
            date=rate.date,
            rate=rate.rate,
            type=rate.type,
            recorded_at=context.now,
        )
        for rate in new.rates
    ]
    errors = [
        FieldError(f"/rates/{index}/currency", "same_currency", f"a rate of {rate.currency} in itself is always 1")
        for index, rate in enumerate(rates)
        if rate.currency == rate.base_currency
    ]
    if errors:
        raise InvalidRequest("A rate is between two currencies.", errors=errors)
    for index, rate in enumerate(rates):
        check_currency(context, rate.currency, f"/rates/{index}/currency")
        check_currency(context, rate.base_currency, f"/rates/{index}/base_currency")
    document = documents.create(context, Document(context.new_id(), "exchange_rates", "set", {"rates": len(rates)}))
    context.work.append(
        _EXCHANGE_RATE,
        [
            {
                "id": rate.id,
                "document_id": document.id,
                "type": rate.type,
                "currency": rate.currency,
                "base": rate.base_currency,
                "effective_date": rate.date,
                "rate": rate.rate,
            }
            for rate in rates
        ],
    )
    context.emit(ExchangeRateSet(id=document.id, rates=rates), document)
    return ExchangeRates(id=document.id, rates=rates, events=[ExchangeRateSet.type])


_LIST = """
    SELECT r.id, r.currency, r.base, r.effective_date, r.rate::text, r.type, r.recorded_at
    FROM currency.exchange_rate r
    WHERE (cast(:currency AS text) IS NULL OR r.currency = cast(:currency AS text))
      AND (cast(:base AS text) IS NULL OR r.base = cast(:base AS text))
      AND (cast(:type AS text) IS NULL OR r.type = cast(:type AS text))
      AND r.effective_date >= cast(:since AS date) AND r.effective_date <= cast(:until AS date)
      AND (r.effective_date, r.id) < (cast(:last_day AS date), cast(:last_id AS uuid))
      AND (cast(:on AS date) IS NULL OR NOT EXISTS (
          SELECT 1 FROM currency.exchange_rate n
          WHERE n.type = r.type AND n.currency = r.currency AND n.base = r.base
            AND n.effective_date <= cast(:on AS date)
            AND (n.effective_date, n.recorded_at, n.id) > (r.effective_date, r.recorded_at, r.id)))
    ORDER BY r.effective_date DESC, r.id DESC LIMIT :limit
"""

_LAST_DAY, _LAST_ID = "9999-12-31", "ffffffff-ffff-ffff-ffff-ffffffffffff"


def list_rates(query: ExchangeRateQuery, context: Context) -> Page[ExchangeRate]:
    """A page of the rates, latest day first; one statement. Raises InvalidRequest for a cursor that is none of ours."""
    last_day, last_id = _position(query.cursor)
    until = min(str(day) for day in (query.on, query.until, _LAST_DAY) if day)
    rows = context.work.read(
        _LIST,
        currency=query.currency,
        base=query.base_currency,
        type=query.type,
        since=str(query.since or date.min),
        until=until,
        on=str(query.on) if query.on else None,
        last_day=last_day,
        last_id=last_id,
        limit=query.limit + 1,
    )
    found = [
        ExchangeRate(
            id=row.id,
            currency=row.currency,
            base_currency=row.base,
            date=row.effective_date,
            rate=Decimal(row.rate),
            type=row.type,
            recorded_at=row.recorded_at,
        )
        for row in rows[: query.limit]
    ]
    following = cursor(str(found[-1].date), str(found[-1].id)) if len(rows) > query.limit else None
    return Page[ExchangeRate](data=found, next_cursor=following)


def _position(text: str | None) -> tuple[str, str]:
    if text is None:
        return _LAST_DAY, _LAST_ID
    day, last_id = read_cursor(text, 2)
    try:
        return date.fromisoformat(day).isoformat(), str(UUID(last_id))
    except ValueError as error:
        raise bad_cursor() from error
