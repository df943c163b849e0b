"""Sales of a period by customer or by product: what the revenue accounts say (IAS 1, 82a), without taxes.

A line's product is its own; its customer is its document's. Sales without either stand in a row of their own, so that
the total ties to revenue in the statement of profit or loss. Sales are above zero.
"""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.kernel import Context, Entry, Ref
from bigledger.kernel.documents import is_id
from bigledger.kernel.money import nothing, plain, quantum
from bigledger.kernel.serialization import json_text
from bigledger.records import Account, Company, company_of
from bigledger.reporting.categories import Chart, chart
from bigledger.reporting.cells import Address, identifier, unknown_cell
from bigledger.reporting.figures import NARROWED, narrowed
from bigledger.reporting.layout import Line, Term
from bigledger.reporting.model import Report, ReportCell, ReportColumn, ReportRow, Style, Tie
from bigledger.reporting.periods import Column, movement_column
from bigledger.reporting.queries import SalesSummaryQuery, period

KIND = "sales-summary"

CUSTOMER = "coalesce(l.party_id, (SELECT d.party_id FROM kernel.document d WHERE d.id = l.document_id))"
"""SQL: the customer of a revenue line ``l``."""

_SALES = f"""
    WITH sale AS (
        SELECT CASE :by WHEN 'product' THEN l.product_id ELSE {CUSTOMER} END AS id, l.quantity, l.base_amount
        FROM ledger.journal_line l
        WHERE l.company_id = cast(:company AS uuid)
          AND l.account_id IN (SELECT value::uuid FROM jsonb_array_elements_text(cast(:accounts AS jsonb)))
          AND l.effective_date >= cast(:first AS date) AND l.effective_date <= cast(:last AS date)
          AND l.area <> 'closing' AND l.recorded_at <= cast(:known_at AS timestamptz)
        {NARROWED.format(row="l")}
    )
    SELECT jsonb_build_object(
        'rows', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'code', d.number, 'name', d.data->>'name',
                     'quantity', s.quantity::text, 'net', s.net::text) ORDER BY s.net DESC, d.number), '[]')
                 FROM (SELECT id, -coalesce(sum(quantity), 0) AS quantity, -sum(base_amount) AS net
                       FROM sale GROUP BY id) s LEFT JOIN kernel.document d ON d.id = s.id
                 WHERE s.quantity <> 0 OR s.net <> 0),
        'balance', (SELECT coalesce(sum(b.base_credit - b.base_debit), 0)::text FROM ledger.balance b
                    WHERE b.company_id = cast(:company AS uuid) AND NOT b.closing
                      AND b.account_id IN (SELECT value::uuid FROM jsonb_array_elements_text(cast(:accounts AS jsonb)))
                      AND b.day >= cast(:first AS date) AND b.day <= cast(:last AS date)
                    {NARROWED.format(row="b")})
    )::text
"""


def sales_summary(query: SalesSummaryQuery, context: Context) -> Report:
    """Net sales by customer or product, the largest first, in one statement."""
    company = company_of(context, query.company)
    first, last = period(context, [company], query.first, query.last)
    found = context.work.read_json(
        _SALES,
        company=str(company.id),
        by=query.by,
        accounts=json_text([entry.id for entry in revenue(chart(context))]),
        first=str(first),
        last=str(last),
        known_at=query.known_at.isoformat() if query.known_at else "infinity",
        **narrowed(query.dimension),
    )
    base = company.data.currency
    columns = ["net"] if query.by == "customer" else ["quantity", "net"]

    def row(key: str, label: str, which: str | None, figures: dict[str, Any], style: Style = "line") -> Any:
        cells = [
            ReportCell(
                amount=plain(Decimal(figures[column]))
                if column == "quantity"
                else Decimal(figures[column]).quantize(quantum(base)),
                cell=_cell(query, company, key, which, column, (first, last)),
            )
            for column in columns
        ]
        return ReportRow(key=key, label=label, level=0, style=style, cells=cells)

    rows: list[ReportRow] = []
    for sold in found["rows"]:
        if sold["id"] is None:
            rows.append(row("without", f"Without a {query.by}", "", sold))
            continue
        ref = Ref(id=UUID(sold["id"]), code=sold["code"], name=sold["name"])
        name = "party" if query.by == "customer" else "product"
        label = f"{ref.code} {ref.name or ''}".strip()
        rows.append(row(sold["id"], label, sold["id"], sold).model_copy(update={name: ref}))
    total = sum((line.cells[-1].amount or nothing(base) for line in rows), nothing(base))
    quantity = (
        sum((line.cells[0].amount or Decimal(0) for line in rows), Decimal(0)) if query.by == "product" else Decimal(0)
    )
    rows.append(row("total", "Total", None, {"net": total, "quantity": quantity}, "total"))
    balance = Decimal(found["balance"]).quantize(quantum(base))
    ties = Tie(
        column="net",
        label="Sales",
        amount=total,
        ties_to="Revenue in profit and loss",
        balance=balance,
        difference=total - balance,
    )
    labels = {"quantity": "Quantity", "net": "Net sales"}
    return Report(
        kind=KIND,
        title=f"Sales by {query.by}",
        company=company.ref,
        currency=base,
        known_at=query.known_at,
        dimension=query.dimension or None,
        columns=[
            ReportColumn(
                key=key,
                label=labels[key],
                kind="quantity" if key == "quantity" else "amount",
                starts_on=first,
                ends_on=last,
            )
            for key in columns
        ],
        rows=rows,
        ties_to=[] if query.known_at else [ties],
    ).formatted(query.format, context.now)


def revenue(known: Chart) -> list[Entry[Account]]:
    """The accounts of revenue; those without a category count with it."""
    return known.of("revenue", ["revenue", ""])


def cell_terms(context: Context, place: Address) -> tuple[Line, Column]:
    """What a cell of the summary adds up. Raises InvalidRequest for one that it does not have."""
    which, by = place.options.get("which", ""), place.options.get("by", "")
    figures = ("", "quantity")
    if place.first is None or place.options.get("figure", "") not in figures or by not in ("", "customer", "product"):
        raise unknown_cell()
    if which and not is_id(which):
        raise unknown_cell()
    accounts = frozenset(entry.id for entry in revenue(chart(context)))
    line = Line(place.row, "Sales", 0, "line", (Term(accounts, "movement", -1),))
    return line, movement_column([place.company], place.first, place.last)


def _cell(
    query: SalesSummaryQuery,
    company: Entry[Company],
    row: str,
    which: str | None,
    column: str,
    days: tuple[dt.date, dt.date],
) -> str:
    options = {} if which is None else {"by": query.by, "which": which}
    if column == "quantity":
        options["figure"] = "quantity"
    return identifier(
        Address(
            kind=KIND,
            row=row,
            company=company.id,
            first=days[0],
            last=days[1],
            known_at=query.known_at,
            dimension=query.dimension,
            options=options,
        )
    )
