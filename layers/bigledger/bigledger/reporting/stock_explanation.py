"""What stands behind a cell of the reports of stock: the moves of stock, their documents and events."""

import datetime as dt
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from bigledger.inventory import locations_of
from bigledger.kernel import Context, Entry, Ref
from bigledger.kernel.documents import is_id
from bigledger.kernel.money import nothing, plain, quantum
from bigledger.kernel.serialization import json_text
from bigledger.records import Company, Location
from bigledger.reporting.cells import Address, identifier, unknown_cell
from bigledger.reporting.explained import (
    ExplainedFigure,
    ExplainedLine,
    ExplainQuery,
    Explanation,
    PostingEvent,
    Ratio,
    beginning,
    page_of,
)
from bigledger.reporting.periods import written
from bigledger.reporting.stock_movements import COLUMNS as MOVEMENTS
from bigledger.reporting.stock_movements import COMES_IN
from bigledger.reporting.stock_movements import KIND as STOCK_MOVEMENTS
from bigledger.reporting.stock_valuation import COLUMNS as VALUATION
from bigledger.reporting.stock_valuation import KIND as STOCK_VALUATION
from bigledger.reporting.stock_valuation import average

KINDS = frozenset((STOCK_MOVEMENTS, STOCK_VALUATION))
"""The reports whose cells are moves of stock."""

_FOUND = f"""
    WITH move AS MATERIALIZED (
        SELECT m.*, CASE :figure WHEN 'quantity' THEN m.quantity ELSE m.value END
                    * CASE :part WHEN 'out' THEN -1 ELSE 1 END AS figure
        FROM inventory.stock_move m
        WHERE m.location_id = ANY (ARRAY(SELECT value::uuid FROM jsonb_array_elements_text(cast(:locations AS jsonb))))
          AND (:product = '' OR m.product_id = cast(nullif(:product, '') AS uuid))
          AND m.effective_date BETWEEN cast(:first AS date) AND cast(:last AS date)
          AND (:part NOT IN ('in', 'out') OR (:part = 'in') = {COMES_IN})
          AND m.recorded_at <= cast(:known_at AS timestamptz)
    ), shown AS (
        SELECT * FROM move
        WHERE (effective_date, recorded_at, id, 0, 0) >
              (cast(:after_date AS date), cast(:after_recorded AS timestamptz), cast(:after_document AS uuid),
               cast(:after_entry AS integer), cast(:after_line AS integer))
        ORDER BY effective_date, recorded_at, id LIMIT :limit
    )
    SELECT jsonb_build_object(
        'amount', (SELECT coalesce(sum(figure), 0)::text FROM move),
        'quantity', (SELECT coalesce(sum(quantity), 0)::text FROM move),
        'value', (SELECT coalesce(sum(value), 0)::text FROM move),
        'lines', (SELECT count(*) FROM move),
        'page', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', m.id, 'entry', 0, 'line', 0,
            'document_id', m.document_id, 'number', d.number, 'type', d.type, 'item', m.line,
            'date', m.effective_date, 'recorded_at', m.recorded_at, 'location_id', m.location_id, 'lot', m.lot,
            'product_id', m.product_id, 'product_code', p.number, 'product_name', p.data->>'name',
            'quantity', m.quantity::text, 'value', m.value::text, 'figure', m.figure::text,
            'events', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'type', e.type,
                           'recorded_at', e.recorded_at, 'actor', e.actor_name) ORDER BY e.sequence), '[]')
                       FROM kernel.event e WHERE e.subject_id = m.document_id AND e.recorded_at = m.recorded_at))
            ORDER BY m.effective_date, m.recorded_at, m.id), '[]')
            FROM shown m JOIN kernel.document d ON d.id = m.document_id JOIN kernel.document p ON p.id = m.product_id)
    )::text
"""


class _Counted(NamedTuple):
    """Which moves a cell counts, and what of them: those of two days and between, that come in, go out or both."""

    figure: str
    part: str
    first: str
    last: str
    label: str


def _counted(place: Address, column: str) -> _Counted | None:
    """What a column of a report of stock counts; nothing for a column that it has not."""
    last = written(place.last)
    if place.kind == STOCK_VALUATION and column in VALUATION:
        figure = {"quantity": "quantity", "value": "value"}.get(column, "average")
        return _Counted(figure, "closing", "-infinity", str(place.last), f"In stock on {last}")
    if place.kind == STOCK_MOVEMENTS and column in MOVEMENTS and place.first is not None and place.first > dt.date.min:
        _, figure, part = MOVEMENTS[column]
        if part == "opening":
            before = place.first - dt.timedelta(days=1)
            return _Counted(figure, part, "-infinity", str(before), f"In stock on {written(before)}")
        if part == "closing":
            return _Counted(figure, part, "-infinity", str(place.last), f"In stock on {last}")
        way = "Came in" if part == "in" else "Went out"
        return _Counted(figure, part, str(place.first), str(place.last), f"{way} from {written(place.first)} to {last}")
    return None


def explain_stock(query: ExplainQuery, context: Context, place: Address, company: Entry[Company]) -> Explanation:
    """The moves behind a quantity or a value, oldest first; an average cost is the one by the other. One statement.

    Raises InvalidRequest.
    """
    column = place.options.get("column", "")
    counted = _counted(place, column)
    product, location = place.options.get("product", ""), place.options.get("location", "")
    places = {one.id: one for one in locations_of(context, company)}
    if (
        counted is None
        or not (product == "" or is_id(product))
        or not (location == "" or (is_id(location) and UUID(location) in places))
        or (counted.figure != "value" and not product)
    ):
        raise unknown_cell()
    found = context.work.read_json(
        _FOUND,
        figure=counted.figure,
        part=counted.part,
        first=counted.first,
        last=counted.last,
        locations=json_text([location] if location else list(places)),
        product=product,
        known_at=place.known_at.isoformat() if place.known_at else "infinity",
        **beginning(query),
    )
    base = company.data.currency
    rows, following = page_of(query, found["page"], "id")
    explained = Explanation(
        kind=place.kind,
        company=company.ref,
        currency=base,
        row=place.row,
        label=counted.label,
        column=column,
        known_at=place.known_at,
        amount=_figure(counted, found["amount"], base),
        lines=found["lines"],
        data=[_line(row, counted, places, base) for row in rows],
        next_cursor=following,
    )
    if column != "average_cost":
        return explained
    return _of_average(explained, place, Decimal(found["value"]).quantize(quantum(base)), Decimal(found["quantity"]))


def _of_average(explained: Explanation, place: Address, value: Decimal, quantity: Decimal) -> Explanation:
    """The explanation of an average cost: the value and the quantity, each with a cell that has the moves."""
    if not quantity:
        raise unknown_cell()

    def figure(column: str, amount: Decimal) -> ExplainedFigure:
        cell = identifier(place.model_copy(update={"options": {**place.options, "column": column}}))
        return ExplainedFigure(label=VALUATION[column], amount=amount, cell=cell)

    ratio = Ratio(numerator=figure("value", value), denominator=figure("quantity", plain(quantity)))
    told = {"amount": average(value, quantity), "ratio": ratio, "lines": 0, "data": [], "next_cursor": None}
    return explained.model_copy(update=told)


def _figure(counted: _Counted, text: str, base: str) -> Decimal:
    return plain(Decimal(text)) if counted.figure == "quantity" else Decimal(text).quantize(quantum(base))


def _line(row: dict[str, Any], counted: _Counted, places: dict[UUID, Entry[Location]], base: str) -> ExplainedLine:
    value = Decimal(row["value"]).quantize(quantum(base))
    return ExplainedLine(
        document=Ref(id=UUID(row["document_id"]), code=row["number"] or ""),
        document_type=row["type"],
        item=row["item"],
        date=dt.date.fromisoformat(row["date"]),
        recorded_at=dt.datetime.fromisoformat(row["recorded_at"]),
        product=Ref(id=UUID(row["product_id"]), code=row["product_code"], name=row["product_name"]),
        location=places[UUID(row["location_id"])].ref,
        text=row["lot"],
        debit=max(value, nothing(base)),
        credit=max(-value, nothing(base)),
        currency=base,
        currency_amount=value,
        quantity=plain(Decimal(row["quantity"])),
        amount=_figure(counted, row["figure"], base),
        events=[PostingEvent.model_validate(event) for event in row["events"]],
    )
