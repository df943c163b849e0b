"""A customer at a glance: balances, credit and the last twelve months."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import Field

from bigledger.kernel import Amount, Answer, Context, NotFound, Ref
from bigledger.kernel.documents import matching
from bigledger.kernel.money import quantum
from bigledger.receivables.credit_control import CREDIT_FIELDS, CreditQuery, CustomerCredit, read_credit
from bigledger.records import company_of


class OpenBalance(Answer):
    """What is open of a customer in one currency: what it owes, what of that is overdue, what is in its favour."""

    currency: str
    owed: Amount
    overdue: Amount
    in_favour: Amount


class LastDocument(Answer):
    """The latest document of a kind."""

    document: Ref
    date: dt.date
    currency: str
    amount: Amount


class CustomerSummary(Answer):
    """A customer at a glance: balances, credit, and the last twelve months in base currency.

    ``average_days_to_pay`` is from an invoice's date to the payment that settled it, over what was paid in these
    months, weighted by nothing: each invoice counts once.
    """

    customer: Ref
    company: Ref
    as_of: dt.date
    balances: list[OpenBalance]
    credit: CustomerCredit
    currency: str
    invoices: int = Field(description="Invoices issued in the last twelve months.")
    invoiced: Amount
    credited: Amount
    average_days_to_pay: int | None = None
    last_invoice: LastDocument | None = None
    last_payment: LastDocument | None = None


_LAST = """
    (SELECT jsonb_build_object('id', x.id, 'number', x.number, 'date', x.date, 'currency', x.currency,
                               'amount', x.total::text)
     FROM kernel.document x WHERE x.type = '{type}' AND x.party_id = c.id AND x.company_id = cast(:company AS uuid)
       AND x.posted_at IS NOT NULL AND x.status <> 'void' ORDER BY x.date DESC, x.id DESC LIMIT 1)
"""

_SUMMARY = f"""
    SELECT jsonb_build_object(
        'customer', jsonb_build_object('id', c.id, 'code', c.number, 'name', c.data->>'name'), {CREDIT_FIELDS},
        'balances', (SELECT jsonb_agg(jsonb_build_object('currency', currency, 'owed', owed::text, 'overdue',
                                                         overdue::text, 'in_favour', in_favour::text) ORDER BY currency)
                     FROM (SELECT b.currency,
                                  coalesce(sum(b.amount - b.settled) FILTER (WHERE b.amount > 0), 0) AS owed,
                                  coalesce(sum(b.amount - b.settled)
                                      FILTER (WHERE b.amount > 0 AND b.due_date < cast(:today AS date)), 0) AS overdue,
                                  coalesce(-sum(b.amount - b.settled) FILTER (WHERE b.amount < 0), 0) AS in_favour
                           FROM ledger.open_item_balance b
                           WHERE b.party_id = c.id AND b.subledger = 'receivable' AND b.open
                             AND b.company_id = cast(:company AS uuid) GROUP BY b.currency) o),
        'year', (SELECT jsonb_build_object(
                     'invoices', count(*) FILTER (WHERE x.type = 'invoice'),
                     'invoiced', sum(x.worth) FILTER (WHERE x.type <> 'credit_note')::text,
                     'credited', sum(x.worth) FILTER (WHERE x.type = 'credit_note')::text,
                     'days', avg(x.paid_on - x.date) FILTER (WHERE x.status = 'paid')::integer)
                 FROM (SELECT d.type, d.status, d.date, coalesce((d.data->'base'->>'total')::numeric, d.total) AS worth,
                              CASE WHEN d.status = 'paid' THEN (
                                  SELECT max(s.effective_date) FROM ledger.open_item i
                                  JOIN ledger.settlement s ON s.open_item_id = i.id WHERE i.document_id = d.id) END
                                  AS paid_on
                       FROM kernel.document d
                       WHERE d.type IN ('invoice', 'debit_note', 'credit_note') AND d.party_id = c.id
                         AND d.company_id = cast(:company AS uuid) AND d.posted_at IS NOT NULL AND d.status <> 'void'
                         AND d.date > cast(:today AS date) - 365 AND d.date <= cast(:today AS date)) x),
        'last_invoice', {_LAST.format(type="invoice")},
        'last_payment', {_LAST.format(type="payment")}
    )::text
    FROM kernel.document c WHERE c.type = 'customer' AND {{match}}
"""


def summary(query: CreditQuery, context: Context) -> CustomerSummary:
    """A customer at a glance, as of today; one statement of SQL. Raises NotFound."""
    company = company_of(context, query.company)
    today = context.clock.today(company.data.timezone)
    found = context.work.read_json(
        _SUMMARY.format(match=matching(query.id, "c")), reference=query.id, company=str(company.id), today=str(today)
    )
    if found is None:
        raise NotFound(f"There is no customer {query.id}.")
    year, unit = found["year"], quantum(company.data.currency)
    return CustomerSummary(
        customer=Ref(**found["customer"]),
        company=company.ref,
        as_of=today,
        balances=[_open_balance(row) for row in found["balances"] or []],
        credit=read_credit(found, company.ref, company.data.currency),
        currency=company.data.currency,
        invoices=year["invoices"],
        invoiced=Decimal(year["invoiced"] or 0).quantize(unit),
        credited=Decimal(year["credited"] or 0).quantize(unit),
        average_days_to_pay=year["days"],
        last_invoice=_last(found["last_invoice"]),
        last_payment=_last(found["last_payment"]),
    )


def _open_balance(row: Mapping[str, Any]) -> OpenBalance:
    unit = quantum(row["currency"])
    names = ("owed", "overdue", "in_favour")
    return OpenBalance(currency=row["currency"], **{name: Decimal(row[name]).quantize(unit) for name in names})


def _last(row: Mapping[str, Any] | None) -> LastDocument | None:
    if row is None:
        return None
    amount = Decimal(row["amount"]).quantize(quantum(row["currency"]))
    document = Ref(id=row["id"], code=row["number"] or row["id"])
    return LastDocument(document=document, date=row["date"], currency=row["currency"], amount=amount)
