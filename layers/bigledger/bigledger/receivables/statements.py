"""Statements of account: read from the open items of a customer and what settled them, by date."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.kernel import (
    Amount,
    Answer,
    Command,
    Context,
    Currency,
    Day,
    FieldError,
    Instant,
    InvalidRequest,
    NotFound,
    Ref,
    Reference,
    in_order,
)
from bigledger.kernel.documents import matching
from bigledger.kernel.money import quantum
from bigledger.records import Address, company_of

MOST_LINES = 2000
"""The most lines or open items of one statement."""


class StatementQuery(Command):
    """Whose statement, with which company, as of which day (today when absent), as known at which instant.

    With ``date_from`` it tells the movements from that day on and the balance brought forward.
    """

    id: Reference
    company: Reference | None = None
    currency: Currency | None = None
    date_from: Day | None = None
    as_of: Day | None = None
    known_at: Instant | None = None

    _days = in_order("date_from", "as_of")


class StatementLine(Answer):
    """What a document did to the balance on a day: above zero as ``debit``, below as ``credit``."""

    date: dt.date
    document: Ref
    type: str
    reference: str | None = None
    document_date: dt.date | None = None
    """The date of an item that was brought along or entered by hand, where that is not the day it came to the books."""
    due_date: dt.date | None = None
    currency: str
    debit: Amount
    credit: Amount
    balance: Amount
    """The balance in the currency after it."""


class StatementItem(Answer):
    """An item that is open on the day: what of it, and how many days it is overdue. Below zero it is in favour.

    ``date`` is that of the document; ``reference`` is the number that an item brought along is known by.
    """

    open_item_id: UUID
    document: Ref
    type: str
    reference: str | None = None
    date: dt.date
    due_date: dt.date
    days_overdue: int
    currency: str
    amount: Amount
    amount_open: Amount


class Ageing(Answer):
    """What is open by the days it is overdue; what is in the customer's favour is not due."""

    not_due: Amount
    days_1_to_30: Amount
    days_31_to_60: Amount
    days_61_to_90: Amount
    over_90_days: Amount


class StatementBalance(Answer):
    """The balance in one currency: what the customer owes above zero, what is in its favour below.

    ``base_balance`` is the closing balance in the books, in base currency: together these are the customer's part of
    the receivable accounts.
    """

    currency: str
    opening_balance: Amount
    debit: Amount
    credit: Amount
    closing_balance: Amount
    base_balance: Amount
    ageing: Ageing


class CustomerStatement(Answer):
    """A customer's statement of account; ``lines`` are there with ``date_from``."""

    customer: Ref
    address: Address | None = None
    """Where the customer is, as its record says today."""
    company: Ref
    date_from: dt.date | None = None
    as_of: dt.date
    known_at: dt.datetime | None = None
    balances: list[StatementBalance]
    lines: list[StatementLine]
    open_items: list[StatementItem]


_STATEMENT = """
    WITH customer AS (SELECT c.id, c.number, c.data FROM kernel.document c WHERE c.type = 'customer' AND {match}),
    item AS (
        SELECT i.*, (SELECT coalesce(sum(s.amount), 0) FROM ledger.settlement s
                     WHERE s.open_item_id = i.id AND s.effective_date <= cast(:as_of AS date)
                       AND s.recorded_at <= cast(:known_at AS timestamptz)) AS settled
        FROM ledger.open_item i
        WHERE i.party_id = (SELECT id FROM customer) AND i.subledger = 'receivable'
          AND i.company_id = cast(:company AS uuid) AND (:every OR i.currency = cast(:currency AS text))
          AND i.effective_date <= cast(:as_of AS date) AND i.recorded_at <= cast(:known_at AS timestamptz)),
    movement AS (
        SELECT document_id, own, day, currency, sum(amount) AS amount, sum(base_amount) AS base_amount
        FROM (SELECT document_id, CASE WHEN reference IS NOT NULL OR document_date IS NOT NULL THEN id END AS own,
                     effective_date AS day, currency, amount, base_amount FROM item
              UNION ALL
              SELECT s.document_id, NULL, s.effective_date, i.currency, -s.amount, -s.base_amount
              FROM item i JOIN ledger.settlement s ON s.open_item_id = i.id
              WHERE s.effective_date <= cast(:as_of AS date) AND s.recorded_at <= cast(:known_at AS timestamptz)) p
        GROUP BY 1, 2, 3, 4)
    SELECT jsonb_build_object(
        'customer', jsonb_build_object('id', c.id, 'code', c.number, 'name', c.data->>'name'),
        'address', c.data->'address',
        'totals', (SELECT jsonb_agg(jsonb_build_object(
                       'currency', currency, 'opening', opening::text, 'debit', debit::text, 'credit', credit::text,
                       'base', base::text) ORDER BY currency)
                   FROM (SELECT currency,
                                coalesce(sum(amount) FILTER (WHERE day < cast(:date_from AS date)), 0) AS opening,
                                coalesce(sum(greatest(amount, 0)) FILTER (WHERE day >= cast(:date_from AS date)), 0)
                                    AS debit,
                                coalesce(sum(greatest(-amount, 0)) FILTER (WHERE day >= cast(:date_from AS date)), 0)
                                    AS credit,
                                sum(base_amount) AS base
                         FROM movement GROUP BY currency) t),
        'lines', (SELECT jsonb_agg(line ORDER BY place)
                  FROM (SELECT row_number() OVER (ORDER BY m.day, d.created_at, d.id, o.instalment) AS place,
                               jsonb_build_object(
                            'date', m.day, 'id', d.id, 'number', d.number, 'type', d.type,
                            'due_date', coalesce(o.due_date, d.due_date), 'document_date', o.document_date,
                            'reference', coalesce(o.reference, d.data->>'reference'), 'currency', m.currency,
                            'amount', m.amount::text) AS line
                        FROM movement m JOIN kernel.document d ON d.id = m.document_id
                        LEFT JOIN item o ON o.id = m.own
                        WHERE :moving AND m.day >= cast(:date_from AS date) AND m.amount <> 0
                        ORDER BY place LIMIT :limit) l),
        'items', (SELECT jsonb_agg(line ORDER BY place)
                  FROM (SELECT row_number() OVER (ORDER BY i.due_date, d.created_at, i.instalment) AS place,
                               jsonb_build_object(
                            'open_item_id', i.id, 'id', d.id, 'number', d.number, 'type', d.type,
                            'date', coalesce(i.document_date, i.effective_date), 'reference', i.reference,
                            'due_date', i.due_date, 'currency', i.currency,
                            'amount', i.amount::text, 'open', (i.amount - i.settled)::text) AS line
                        FROM item i JOIN kernel.document d ON d.id = i.document_id
                        WHERE i.amount <> i.settled
                        ORDER BY place LIMIT :limit) o)
    )::text
    FROM customer c
"""


def statement(query: StatementQuery, context: Context) -> CustomerStatement:
    """A customer's statement; one statement of SQL. Raises NotFound, InvalidRequest for one that is too long."""
    company = company_of(context, query.company)
    as_of = query.as_of or context.clock.today(company.data.timezone)
    if query.date_from and query.date_from > as_of:
        raise InvalidRequest(
            f"A statement from {query.date_from} cannot end on {as_of}.",
            errors=[FieldError("/date_from", "dates_reversed", f"choose {as_of} or an earlier day")],
        )
    found = context.work.read_json(
        _STATEMENT.format(match=matching(query.id, "c")),
        reference=query.id,
        company=str(company.id),
        every=query.currency is None,
        currency=query.currency or "",
        as_of=str(as_of),
        date_from=str(query.date_from or as_of),
        moving=query.date_from is not None,
        known_at=query.known_at.isoformat() if query.known_at else "infinity",
        limit=MOST_LINES + 1,
    )
    if found is None:
        raise NotFound(f"There is no customer {query.id}.")
    lines, items = found["lines"] or [], found["items"] or []
    if max(len(lines), len(items)) > MOST_LINES:
        raise InvalidRequest(
            f"The statement has more than {MOST_LINES} lines. Ask for fewer days, or for one currency.",
            errors=[FieldError("/date_from", "too_long", "choose a later day")],
        )
    totals = found["totals"] or []
    opening = {row["currency"]: Decimal(row["opening"]) for row in totals}
    open_items = [_item(row, as_of) for row in items]
    return CustomerStatement(
        customer=Ref(**found["customer"]),
        address=found["address"],
        company=company.ref,
        date_from=query.date_from,
        as_of=as_of,
        known_at=query.known_at,
        balances=[_balance(row, company.data.currency, open_items, query.date_from is not None) for row in totals],
        lines=list(_lines(lines, opening)),
        open_items=open_items,
    )


def _ref(row: Mapping[str, Any]) -> Ref:
    return Ref(id=row["id"], code=row["number"] or row["id"])


def _item(row: Mapping[str, Any], as_of: dt.date) -> StatementItem:
    due = dt.date.fromisoformat(row["due_date"])
    unit = quantum(row["currency"])
    return StatementItem(
        open_item_id=row["open_item_id"],
        document=_ref(row),
        type=row["type"],
        reference=row["reference"],
        date=row["date"],
        due_date=due,
        days_overdue=max((as_of - due).days, 0),
        currency=row["currency"],
        amount=Decimal(row["amount"]).quantize(unit),
        amount_open=Decimal(row["open"]).quantize(unit),
    )


def _lines(rows: Iterable[Mapping[str, Any]], opening: Mapping[str, Decimal]) -> Iterable[StatementLine]:
    balances = dict(opening)
    for row in rows:
        currency, amount = row["currency"], Decimal(row["amount"])
        unit = quantum(currency)
        balances[currency] += amount
        yield StatementLine(
            date=row["date"],
            document=_ref(row),
            type=row["type"],
            reference=row["reference"],
            document_date=row["document_date"],
            due_date=row["due_date"],
            currency=currency,
            debit=max(amount, Decimal(0)).quantize(unit),
            credit=max(-amount, Decimal(0)).quantize(unit),
            balance=balances[currency].quantize(unit),
        )


def _balance(row: Mapping[str, Any], base: str, items: Iterable[StatementItem], moving: bool) -> StatementBalance:
    """The balance of one currency; without movements the whole balance is brought forward."""
    unit = quantum(row["currency"])
    debit, credit = Decimal(row["debit"]), Decimal(row["credit"])
    closing = Decimal(row["opening"]) + debit - credit
    opening = Decimal(row["opening"]) if moving else closing
    return StatementBalance(
        currency=row["currency"],
        opening_balance=opening.quantize(unit),
        debit=(debit if moving else Decimal(0)).quantize(unit),
        credit=(credit if moving else Decimal(0)).quantize(unit),
        closing_balance=closing.quantize(unit),
        base_balance=Decimal(row["base"]).quantize(quantum(base)),
        ageing=ageing((item for item in items if item.currency == row["currency"]), row["currency"]),
    )


def ageing(items: Iterable[StatementItem], currency: str) -> Ageing:
    """What is open by the days it is overdue."""
    sums = [Decimal(0)] * 5
    for item in items:
        late = item.days_overdue if item.amount_open > 0 else 0
        sums[0 if not late else min((late - 1) // 30 + 1, 4)] += item.amount_open
    names = ("not_due", "days_1_to_30", "days_31_to_60", "days_61_to_90", "over_90_days")
    return Ageing(**{name: amount.quantize(quantum(currency)) for name, amount in zip(names, sums, strict=True)})
