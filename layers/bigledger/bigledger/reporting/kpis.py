"""The figures one looks at first: revenue, receivables, what is overdue, and the products that sell best.

Revenue, receivables and overdue amounts are read from the ledgers and so are current at once; sales by product
follow the events of invoices within moments. Amounts are in the company's base currency.
"""

import datetime as dt
from decimal import Decimal
from uuid import UUID

from pydantic import Field

from bigledger.kernel import Amount, Answer, Command, Context, Day, Number, Ref, Reference, configuration
from bigledger.kernel.money import plain, quantum
from bigledger.kernel.serialization import json_text
from bigledger.records import Account, company_of
from bigledger.reporting.cells import Address, identifier, unknown_cell
from bigledger.reporting.layout import Line, Term
from bigledger.reporting.periods import Column, movement_column

KIND = "kpis"

_SINCE = {"revenue.month": "Revenue of the month", "revenue.year": "Revenue of the year so far"}

_OWED = {"receivables.open": "owed", "receivables.overdue": "overdue"}
"""The figures of what is owed, and the columns of the aged receivables that they are."""


class KpiQuery(Command):
    """Which company, as of which day (today in its time zone when absent), and how many products."""

    company: Reference | None = None
    as_of: Day | None = None
    top: int = Field(default=5, ge=1, le=50)


class Revenue(Answer):
    """Revenue without tax: of the month and of the calendar year so far. Other and finance income is none."""

    month: Amount
    year: Amount


class Receivables(Answer):
    """What customers owe, on how many open items, and how much of it is past due. Advances are not set off."""

    open: Amount
    open_items: int
    overdue: Amount
    overdue_items: int


class ProductSales(Answer):
    """A product's sales in the calendar year so far, without tax."""

    product: Ref
    quantity: Number
    net: Amount


class Kpis(Answer):
    """The key figures of a company on a day.

    ``cells`` has what ``explain`` takes of the key figures ``kpis``, by the names of amounts: ``revenue.month``. What
    the sales of a product consist of is told by the sales summary.
    """

    company: Ref
    as_of: dt.date
    currency: str
    revenue: Revenue
    receivables: Receivables
    top_products: list[ProductSales]
    cells: dict[str, str]


# As dates: beside an instant no index of days serves under row-level security.
_MONTH = "cast(date_trunc('month', cast(:as_of AS date)) AS date)"
_YEAR = "cast(date_trunc('year', cast(:as_of AS date)) AS date)"

_KPIS = f"""
    SELECT jsonb_build_object(
        'revenue', (SELECT jsonb_build_object(
            'month', coalesce(sum(amount) FILTER (WHERE on_date >= {_MONTH}), 0)::text,
            'year', coalesce(sum(amount), 0)::text)
            FROM (
                SELECT month AS on_date, base_credit - base_debit AS amount FROM ledger.month_balance
                WHERE company_id = cast(:company AS uuid) AND NOT closing
                  AND account_id IN (SELECT value::uuid FROM jsonb_array_elements_text(cast(:accounts AS jsonb)))
                  AND month >= {_YEAR} AND month < {_MONTH}
                UNION ALL
                SELECT day, base_credit - base_debit FROM ledger.balance
                WHERE company_id = cast(:company AS uuid) AND NOT closing
                  AND account_id IN (SELECT value::uuid FROM jsonb_array_elements_text(cast(:accounts AS jsonb)))
                  AND day >= {_MONTH} AND day <= cast(:as_of AS date)) amounts),
        'receivables', (SELECT jsonb_build_object(
            'open', coalesce(sum(owed), 0)::text, 'open_items', count(*),
            'overdue', coalesce(sum(owed) FILTER (WHERE due_date < cast(:as_of AS date)), 0)::text,
            'overdue_items', count(*) FILTER (WHERE due_date < cast(:as_of AS date)))
            FROM (
                SELECT i.due_date, i.base_amount - b.base_settled + coalesce((
                    SELECT sum(s.base_amount) FROM ledger.settlement s
                    WHERE s.open_item_id = i.id AND s.effective_date > cast(:as_of AS date)), 0) AS owed
                FROM (SELECT open_item_id FROM ledger.open_item_balance
                      WHERE open AND company_id = cast(:company AS uuid)
                      UNION
                      SELECT open_item_id FROM ledger.settlement
                      WHERE effective_date > cast(:as_of AS date)) candidate
                JOIN ledger.open_item i ON i.id = candidate.open_item_id
                JOIN ledger.open_item_balance b ON b.open_item_id = i.id
                WHERE i.subledger = 'receivable' AND i.amount > 0 AND i.effective_date <= cast(:as_of AS date)
                  AND i.company_id = cast(:company AS uuid)) items
            WHERE owed <> 0),
        'products', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', best.product_id, 'code', p.number,
                'name', p.data->'name', 'quantity', best.quantity::text, 'net', best.net::text)
                ORDER BY best.net DESC, p.number), '[]')
            FROM (SELECT product_id, sum(quantity) AS quantity, sum(net) AS net FROM reporting.product_sales
                  WHERE company_id = cast(:company AS uuid) AND day >= {_YEAR} AND day <= cast(:as_of AS date)
                  GROUP BY product_id HAVING sum(quantity) <> 0 OR sum(net) <> 0
                  ORDER BY sum(net) DESC, product_id LIMIT :top) best
            JOIN kernel.document p ON p.id = best.product_id)
    )::text
"""


def kpis(query: KpiQuery, context: Context) -> Kpis:
    """The key figures, in one statement over the projections of the days."""
    company = company_of(context, query.company)
    as_of = query.as_of or context.clock.today(company.data.timezone)
    revenue = [entry.id for entry in configuration(context).every(Account) if _is_revenue(entry.data)]
    found = context.work.read_json(
        _KPIS, company=str(company.id), as_of=str(as_of), accounts=json_text(revenue), top=query.top
    )
    unit = quantum(company.data.currency)
    cells = {
        name: identifier(Address(kind=KIND, row=name, company=company.id, last=as_of)) for name in (*_SINCE, *_OWED)
    }

    def money(text: str) -> Decimal:
        return Decimal(text).quantize(unit)

    owed = found["receivables"]
    return Kpis(
        company=company.ref,
        as_of=as_of,
        currency=company.data.currency,
        revenue=Revenue(month=money(found["revenue"]["month"]), year=money(found["revenue"]["year"])),
        receivables=Receivables(
            open=money(owed["open"]),
            open_items=owed["open_items"],
            overdue=money(owed["overdue"]),
            overdue_items=owed["overdue_items"],
        ),
        top_products=[
            ProductSales(
                product=Ref(id=UUID(row["id"]), code=row["code"], name=row["name"]),
                quantity=plain(Decimal(row["quantity"])),
                net=money(row["net"]),
            )
            for row in found["products"]
        ],
        cells=cells,
    )


def cell_terms(context: Context, place: Address) -> tuple[Line, Column]:
    """What revenue adds up. Raises InvalidRequest for a figure that there is not."""
    if place.row not in _SINCE or place.known_at is not None or place.dimension:
        raise unknown_cell()
    accounts = [entry.id for entry in configuration(context).every(Account) if _is_revenue(entry.data)]
    line = Line(place.row, _SINCE[place.row], 0, "line", (Term(frozenset(accounts), "movement", -1),))
    first = place.last.replace(day=1) if place.row == "revenue.month" else place.last.replace(month=1, day=1)
    return line, movement_column([place.company], first, place.last)


def of_ageing(place: Address) -> Address | None:
    """The cell of the aged receivables that a figure of what is owed is; None where it is another figure."""
    if place.row not in _OWED:
        return None
    options = {"column": _OWED[place.row], "buckets": "30"}
    return Address(kind="aged-receivables", row="total", company=place.company, last=place.last, options=options)


def _is_revenue(account: Account) -> bool:
    """Revenue in the sense of IAS 1.82(a); accounts without a category count with it."""
    return account.kind == "revenue" and account.category in (None, "revenue")
