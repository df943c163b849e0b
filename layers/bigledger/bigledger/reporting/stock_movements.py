"""How stock moved over a period: what there was, what came in, what went out and what is left, in units and in value.

A roll-forward per product and location. Like the valuation it starts from what there is now and takes off what moved
since, so that a recent period costs little however long the history is.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, NamedTuple
from uuid import UUID

from bigledger.kernel import Context, Ref, listing
from bigledger.kernel.money import plain, quantum
from bigledger.records import by_reference, company_of
from bigledger.reporting.cells import Address, identifier
from bigledger.reporting.model import ReportCell, ReportColumn, ReportRow
from bigledger.reporting.queries import StockMovementsQuery, period
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

KIND, TITLE = "stock-movements", "Stock movements"


class Measure(NamedTuple):
    """A column: what it is called, and which moves it counts of those of the period."""

    label: str
    figure: str
    """``quantity`` or ``value``."""
    part: str
    """``opening``, ``in``, ``out`` or ``closing``."""


COLUMNS: Mapping[str, Measure] = {
    "opening_quantity": Measure("Opening", "quantity", "opening"),
    "quantity_in": Measure("In", "quantity", "in"),
    "quantity_out": Measure("Out", "quantity", "out"),
    "closing_quantity": Measure("Closing", "quantity", "closing"),
    "opening_value": Measure("Opening value", "value", "opening"),
    "value_in": Measure("Value in", "value", "in"),
    "value_out": Measure("Value out", "value", "out"),
    "closing_value": Measure("Closing value", "value", "closing"),
}
"""What came in and went out are above zero both, so that opening + in - out = closing."""

COMES_IN = "(m.quantity > 0 OR m.quantity = 0 AND m.value > 0)"
"""Whether a move ``m`` is one that comes in."""


class StockMovements(StockPage):
    """A page of positions, by product and location, and the values of all of them. Quantities are in products' units.

    Without a ``next_cursor`` it is the last page.
    """


_MOVED = f"""
    SELECT m.product_id, m.location_id,
           coalesce(sum(m.quantity) FILTER (WHERE gone), 0) AS quantity_gone,
           coalesce(sum(m.value) FILTER (WHERE gone), 0) AS value_gone,
           coalesce(sum(m.quantity) FILTER (WHERE NOT gone AND {COMES_IN}), 0) AS quantity_in,
           coalesce(sum(m.value) FILTER (WHERE NOT gone AND {COMES_IN}), 0) AS value_in,
           coalesce(sum(-m.quantity) FILTER (WHERE NOT gone AND NOT {COMES_IN}), 0) AS quantity_out,
           coalesce(sum(-m.value) FILTER (WHERE NOT gone AND NOT {COMES_IN}), 0) AS value_out
    FROM (
        SELECT product_id, location_id, quantity, value,
               effective_date > cast(:last AS date) OR recorded_at > cast(:known_at AS timestamptz) AS gone
        FROM inventory.stock_move WHERE effective_date >= cast(:first AS date)
        UNION ALL
        SELECT product_id, location_id, quantity, value, true
        FROM inventory.stock_move
        WHERE recorded_at > cast(:known_at AS timestamptz) AND effective_date < cast(:first AS date)) m
    GROUP BY m.product_id, m.location_id
"""

_POSITION = f"""
    SELECT s.product_id, s.location_id, s.on_hand - coalesce(m.quantity_gone, 0) AS closing_quantity,
           s.value - coalesce(m.value_gone, 0) AS closing_value,
           coalesce(m.quantity_in, 0) AS quantity_in, coalesce(m.value_in, 0) AS value_in,
           coalesce(m.quantity_out, 0) AS quantity_out, coalesce(m.value_out, 0) AS value_out,
           s.on_hand - coalesce(m.quantity_gone + m.quantity_in - m.quantity_out, 0) AS opening_quantity,
           s.value - coalesce(m.value_gone + m.value_in - m.value_out, 0) AS opening_value
    FROM inventory.stock s
    LEFT JOIN moved m ON m.product_id = s.product_id AND m.location_id = s.location_id
    WHERE {AT_PLACES}
"""

_FIGURES = ", ".join(f"'{column}', s.{column}::text" for column in COLUMNS)

_TOTALS = ", ".join(
    f"'{column}', coalesce(sum({column}), 0)::text" for column, measure in COLUMNS.items() if measure.figure == "value"
)

_MOVEMENTS = f"""
    WITH product AS MATERIALIZED (SELECT id FROM {by_reference("'product'", "nullif(:product, '')")} found),
    moved AS MATERIALIZED ({_MOVED}),
    page AS (
        SELECT p.id, p.number AS code, p.data->>'name' AS name, w.number AS location, s.*
        FROM kernel.document p
        CROSS JOIN LATERAL ({_POSITION} AND s.product_id = p.id) s
        JOIN kernel.document w ON w.id = s.location_id
        WHERE p.type = 'product' AND p.number >= :after_product
          AND (p.number, w.number) > (:after_product, :after_place)
          AND ({" OR ".join(f"s.{column} <> 0" for column in COLUMNS)})
        ORDER BY p.number, w.number LIMIT :limit
    )
    SELECT jsonb_build_object(
        'product', (SELECT id FROM product),
        'positions', (SELECT coalesce(jsonb_agg(jsonb_build_object('product_id', id, 'code', code, 'name', name,
                          'location_id', location_id, 'location', location, {_FIGURES}) ORDER BY code, location), '[]')
                      FROM page s),
        'totals', (SELECT jsonb_build_object({_TOTALS}) FROM ({_POSITION}) every),
        'balances', (SELECT jsonb_build_array(
                         coalesce(sum(base_debit - base_credit) FILTER (WHERE day < cast(:first AS date)), 0)::text,
                         coalesce(sum(base_debit - base_credit), 0)::text)
                     FROM ledger.balance
                     WHERE company_id = cast(:company AS uuid) AND day <= cast(:last AS date)
                       AND account_id IN ({INVENTORY_ACCOUNTS}))
    )::text
"""


def stock_movements(query: StockMovementsQuery, context: Context) -> StockMovements:
    """A page of how the stock of a company moved, in one statement. Raises UnknownReference."""
    company = company_of(context, query.company)
    first, last = period(context, [company], query.first, query.last)
    places = places_of(context, company, query.location)
    control = inventory_accounts(context)
    product, place = listing.read_cursor(query.cursor, 2) if query.cursor else ("", "")
    found = context.work.read_json(
        _MOVEMENTS,
        company=str(company.id),
        first=str(first),
        last=str(last),
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
    asked = Address(kind=KIND, row="total", company=company.id, first=first, last=last, known_at=query.known_at)
    shown = found["positions"][: query.limit]
    further = shown[-1] if len(found["positions"]) > query.limit else None
    opening, closing = (Decimal(balance).quantize(unit) for balance in found["balances"])
    total = {column: Decimal(text).quantize(unit) for column, text in found["totals"].items()}
    whole = query.product is None and query.location is None and query.known_at is None
    location = str(next(iter(places))) if query.location is not None else ""
    return StockMovements(
        kind=KIND,
        title=TITLE,
        company=company.ref,
        currency=company.data.currency,
        known_at=query.known_at,
        columns=[_column(key, first, last) for key in COLUMNS],
        rows=[
            *(_row(position, places, unit, asked) for position in shown),
            _total(total, asked, found["product"] or "", location),
        ],
        ties_to=[
            stock_tie("closing_value", "Stock", total["closing_value"], closing, control),
            stock_tie("opening_value", "Stock before", total["opening_value"], opening, control),
        ]
        if whole
        else [],
        next_cursor=listing.cursor(further["code"], further["location"]) if further else None,
    ).formatted(query.format, context.now)


def _column(key: str, first: dt.date, last: dt.date) -> ReportColumn:
    measure = COLUMNS[key]
    kind: Literal["amount", "quantity"] = "amount" if measure.figure == "value" else "quantity"
    return ReportColumn(key=key, label=measure.label, kind=kind, starts_on=first, ends_on=last)


def _row(position: Mapping[str, Any], places: Places, unit: Decimal, asked: Address) -> ReportRow:
    """A position with its eight figures."""
    product = Ref(id=UUID(position["product_id"]), code=position["code"], name=position["name"])
    place = places[UUID(position["location_id"])]
    key = f"{product.id}:{place.id}"
    return ReportRow(
        key=key,
        label=f"{product.code} {product.name} · {place.code}",
        level=0,
        style="line",
        cells=[
            _cell(column, _amount(measure, position[column], unit), asked, key, str(product.id), str(place.id))
            for column, measure in COLUMNS.items()
        ],
        product=product,
        location=place.ref,
    )


def _amount(measure: Measure, text: str, unit: Decimal) -> Decimal:
    return Decimal(text).quantize(unit) if measure.figure == "value" else plain(Decimal(text))


def _total(total: Mapping[str, Decimal], asked: Address, product: str, location: str) -> ReportRow:
    """Quantities of different products add up to nothing."""
    cells = [
        _cell(column, total[column], asked, "total", product, location) if column in total else ReportCell()
        for column in COLUMNS
    ]
    return ReportRow(key="total", label="Total", level=0, style="total", cells=cells)


def _cell(column: str, amount: Decimal, asked: Address, row: str, product: str, location: str) -> ReportCell:
    told = {"column": column, "product": product, "location": location}
    options = {name: value for name, value in told.items() if value}
    return ReportCell(amount=amount, cell=identifier(asked.model_copy(update={"row": row, "options": options})))
