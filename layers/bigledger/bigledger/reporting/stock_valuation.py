"""What stock is worth (IAS 2): quantity, average cost and value of each product at each location, as of any day.

Figures of a past day are those of now less what moved since, so that a recent day costs little however long the
history is. The value ties to the accounts that control inventory, since every move is posted with its own value.
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.kernel import Context, Ref, listing
from bigledger.kernel.money import plain, quantum
from bigledger.records import by_reference, company_of
from bigledger.reporting.cells import Address, identifier
from bigledger.reporting.model import ReportCell, ReportColumn, ReportRow
from bigledger.reporting.queries import StockValuationQuery
from bigledger.reporting.stock import (
    AT_PLACES,
    INVENTORY_ACCOUNTS,
    Places,
    StockPage,
    ids,
    inventory_accounts,
    places_of,
    stock_tie,
    unknown_name,
)

KIND, TITLE = "stock-valuation", "Stock valuation"

COLUMNS = {"quantity": "Quantity", "average_cost": "Average cost", "value": "Value"}

UNIT_COST = Decimal("0.000001")
"""As fine as costs are told."""


class StockValuation(StockPage):
    """A page of positions, by product and location, and the value of all of them. Quantities are in products' units.

    Without a ``next_cursor`` it is the last page.
    """


_POSITION = f"""
    SELECT s.product_id, s.location_id, s.on_hand - coalesce(l.quantity, 0) AS quantity,
           s.value - coalesce(l.value, 0) AS value
    FROM inventory.stock s
    LEFT JOIN later l ON l.product_id = s.product_id AND l.location_id = s.location_id
    WHERE {AT_PLACES}
"""

_VALUATION = f"""
    WITH product AS MATERIALIZED (SELECT id FROM {by_reference("'product'", "nullif(:product, '')")} found),
    later AS MATERIALIZED (
        SELECT product_id, location_id, sum(quantity) AS quantity, sum(value) AS value
        FROM (SELECT product_id, location_id, quantity, value FROM inventory.stock_move
              WHERE effective_date > cast(:as_of AS date)
              UNION ALL
              SELECT product_id, location_id, quantity, value FROM inventory.stock_move
              WHERE recorded_at > cast(:known_at AS timestamptz) AND effective_date <= cast(:as_of AS date)) m
        GROUP BY product_id, location_id
    ), page AS (
        SELECT p.id, p.number AS code, p.data->>'name' AS name, s.location_id, w.number AS location,
               s.quantity, s.value
        FROM kernel.document p
        CROSS JOIN LATERAL ({_POSITION} AND s.product_id = p.id) s
        JOIN kernel.document w ON w.id = s.location_id
        WHERE p.type = 'product' AND p.number >= :after_product
          AND (p.number, w.number) > (:after_product, :after_place)
          AND (s.quantity <> 0 OR s.value <> 0)
        ORDER BY p.number, w.number LIMIT :limit
    )
    SELECT jsonb_build_object(
        'product', (SELECT id FROM product),
        'positions', (SELECT coalesce(jsonb_agg(jsonb_build_object('product_id', id, 'code', code, 'name', name,
                          'location_id', location_id, 'location', location, 'quantity', quantity::text,
                          'value', value::text) ORDER BY code, location), '[]') FROM page),
        'total', (SELECT coalesce(sum(value), 0)::text FROM ({_POSITION}) every),
        'balance', (SELECT coalesce(sum(base_debit - base_credit), 0)::text FROM ledger.balance
                    WHERE company_id = cast(:company AS uuid) AND day <= cast(:as_of AS date)
                      AND account_id IN ({INVENTORY_ACCOUNTS}))
    )::text
"""


def stock_valuation(query: StockValuationQuery, context: Context) -> StockValuation:
    """A page of the stock of a company, in one statement. Raises UnknownReference."""
    company = company_of(context, query.company)
    as_of = query.as_of or context.clock.today(company.data.timezone)
    places = places_of(context, company, query.location)
    control = inventory_accounts(context)
    product, place = listing.read_cursor(query.cursor, 2) if query.cursor else ("", "")
    found = context.work.read_json(
        _VALUATION,
        company=str(company.id),
        as_of=str(as_of),
        known_at=query.known_at.isoformat() if query.known_at else "infinity",
        product=query.product or "",
        locations=ids(places),
        accounts=ids(control),
        after_product=product,
        after_place=place,
        limit=query.limit + 1,
    )
    if query.product is not None and found["product"] is None:
        raise unknown_name("product", query.product)
    unit = quantum(company.data.currency)
    shown = found["positions"][: query.limit]
    total = Decimal(found["total"]).quantize(unit)
    whole = query.product is None and query.location is None and query.known_at is None
    balance = Decimal(found["balance"]).quantize(unit)
    last = shown[-1] if len(found["positions"]) > query.limit else None

    def cell(row: str, column: str, product: str, location: str) -> str:
        options = {"column": column, "product": product, "location": location}
        place = Address(
            kind=KIND,
            row=row,
            company=company.id,
            last=as_of,
            known_at=query.known_at,
            options={name: value for name, value in options.items() if value},
        )
        return identifier(place)

    location = str(next(iter(places))) if query.location is not None else ""
    return StockValuation(
        kind=KIND,
        title=TITLE,
        company=company.ref,
        currency=company.data.currency,
        known_at=query.known_at,
        columns=[_column(key, as_of) for key in COLUMNS],
        rows=[
            *(_row(position, places, unit, cell) for position in shown),
            _total(total, cell("total", "value", found["product"] or "", location)),
        ],
        ties_to=[stock_tie("value", "Stock", total, balance, control)] if whole else [],
        next_cursor=listing.cursor(last["code"], last["location"]) if last else None,
    ).formatted(query.format, context.now)


def _column(key: str, as_of: dt.date) -> ReportColumn:
    return ReportColumn(key=key, label=COLUMNS[key], kind="amount" if key == "value" else "quantity", as_of=as_of)


def _row(
    position: dict[str, Any],
    places: Places,
    unit: Decimal,
    cell: Callable[[str, str, str, str], str],
) -> ReportRow:
    """A position; where nothing is left in stock there is no average cost."""
    quantity, value = Decimal(position["quantity"]), Decimal(position["value"])
    product = Ref(id=UUID(position["product_id"]), code=position["code"], name=position["name"])
    place = places[UUID(position["location_id"])]
    key = f"{product.id}:{place.id}"
    of = str(product.id), str(place.id)
    cost = ReportCell()
    if quantity:
        cost = ReportCell(amount=average(value, quantity), cell=cell(key, "average_cost", *of))
    return ReportRow(
        key=key,
        label=f"{product.code} {product.name} · {place.code}",
        level=0,
        style="line",
        cells=[
            ReportCell(amount=plain(quantity), cell=cell(key, "quantity", *of)),
            cost,
            ReportCell(amount=value.quantize(unit), cell=cell(key, "value", *of)),
        ],
        product=product,
        location=place.ref,
    )


def average(value: Decimal, quantity: Decimal) -> Decimal:
    """What one unit cost, of a quantity that is not zero."""
    return plain((value / quantity).quantize(UNIT_COST))


def _total(total: Decimal, cell: str) -> ReportRow:
    """Quantities of different products add up to nothing."""
    cells = [ReportCell(), ReportCell(), ReportCell(amount=total, cell=cell)]
    return ReportRow(key="total", label="Total", level=0, style="total", cells=cells)
