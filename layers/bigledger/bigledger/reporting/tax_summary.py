"""Taxes of a period by tax and rate: what was posted with each tax, and the amounts it was computed on.

The tax is what the journal lines of the tax say once it is due, credits above zero: what is collected; what is claimed
back on purchases stands below zero. Its base and its rate are those its document was taxed with; the base is brought to
base currency as the tax itself was. A payment that makes a tax due, or a discount that lowers it, has no taxes of its
own: its base is what it told the tax return, its rate the tax's of its day. A tax that came to nothing has no line, so
a zero rate is not here. The total ties to what the tax returns of the days are made of.
"""

import datetime as dt
from decimal import Decimal

from bigledger.kernel import Context, Entry, configuration
from bigledger.kernel.money import nothing, quantum, scale
from bigledger.records import Account, Company, Tax, company_of
from bigledger.reporting.cells import Address, identifier, unknown_cell
from bigledger.reporting.figures import NARROWED, narrowed
from bigledger.reporting.layout import Line, Term
from bigledger.reporting.model import Report, ReportCell, ReportColumn, ReportRow, Tie
from bigledger.reporting.periods import Column, movement_column
from bigledger.reporting.queries import TaxSummaryQuery, period

KIND, TITLE = "tax-summary", "Tax summary"

_LEVIED = """
    SELECT {what} FROM kernel.document d, jsonb_array_elements(d.data->'taxes') x
    WHERE d.id = l.document_id AND jsonb_typeof(d.data->'taxes') = 'array' AND x->>'code' = l.tax LIMIT 1
"""

TAX_RATE = f"""
    SELECT coalesce(({_LEVIED.format(what="trim_scale((x->>'rate')::numeric)::text")}), (
        SELECT trim_scale((r->>'rate')::numeric)::text
        FROM kernel.document t, jsonb_array_elements(t.data->'rates') r
        WHERE t.type = 'tax' AND t.number = l.tax AND l.effective_date >= (r->>'valid_from')::date
          AND l.effective_date <= coalesce((r->>'valid_to')::date, 'infinity'::date)
          AND EXISTS (SELECT 1 FROM tax.tax_entry e WHERE e.document_id = l.document_id AND e.tax = l.tax) LIMIT 1))
"""
"""SQL: the rate a tax line ``l`` was computed at; null for an entry by hand, which does not say."""

_LEVIED_BASE = _LEVIED.format(
    what="round((x->>'base')::numeric * l.base_amount"
    " / nullif(abs((x->>'amount')::numeric), 0), cast(:decimals AS integer))"
)

TAX_BASE = f"""
    SELECT coalesce(({_LEVIED_BASE}), (
        SELECT round(sum(CASE WHEN e.kind LIKE 'purchase%' THEN e.base ELSE -e.base END) * l.base_amount
                     / nullif(sum(e.input - e.output), 0), cast(:decimals AS integer))
        FROM tax.tax_entry e
        WHERE e.document_id = l.document_id AND e.entry = l.entry AND e.tax = l.tax))
"""
"""SQL: the amount a tax line ``l`` was computed on, in base currency, with the sign of the line."""

TAX_DUE = """
    NOT EXISTS (SELECT 1 FROM kernel.document t JOIN kernel.document a ON a.id = l.account_id
                WHERE t.type = 'tax' AND t.number = l.tax AND a.number = t.data->>'transition_account')
"""
"""SQL: whether a tax line ``l`` is due, and does not wait on the tax's account for what is due at payment."""

_TAXES = f"""
    WITH levied AS (
        SELECT l.tax, coalesce(({TAX_RATE}), '') AS rate, l.base_amount, coalesce(({TAX_BASE}), 0) AS base
        FROM ledger.journal_line l
        WHERE l.company_id = cast(:company AS uuid) AND l.tax IS NOT NULL
          AND l.effective_date >= cast(:first AS date) AND l.effective_date <= cast(:last AS date)
          AND l.area <> 'closing' AND l.recorded_at <= cast(:known_at AS timestamptz) AND {TAX_DUE}
        {NARROWED.format(row="l")}
    )
    SELECT tax, rate, (-sum(base))::text AS base, (-sum(base_amount))::text AS amount FROM levied
    GROUP BY 1, 2
    UNION ALL
    SELECT NULL, NULL, '0', coalesce(sum(e.output - e.input), 0)::text FROM tax.tax_entry e
    WHERE e.company_id = cast(:company AS uuid) AND e.recorded_at <= cast(:known_at AS timestamptz)
      AND e.effective_date >= cast(:first AS date) AND e.effective_date <= cast(:last AS date)
    ORDER BY 1, 2
"""
"""The taxes, and in a last row what the tax returns of the days are made of."""


def tax_summary(query: TaxSummaryQuery, context: Context) -> Report:
    """Bases and taxes by tax and rate, in one statement."""
    company = company_of(context, query.company)
    first, last = period(context, company, query.first, query.last)
    base = company.data.currency
    *found, returned = context.work.read(
        _TAXES,
        company=str(company.id),
        first=str(first),
        last=str(last),
        known_at=query.known_at.isoformat() if query.known_at else "infinity",
        decimals=scale(base),
        **narrowed(query.dimension),
    )
    known = {entry.code: entry for entry in configuration(context).every(Tax)}
    rows = []
    for row in found:
        tax = known.get(row.tax)
        label = " ".join([row.tax, tax.data.name if tax else ""]).strip()
        cells = [
            ReportCell(
                amount=Decimal(amount).quantize(quantum(base)),
                cell=_cell(query, company, row.tax, row.rate, figure, (first, last)),
            )
            for figure, amount in (("tax_base", row.base), ("tax", row.amount))
        ]
        key = f"{row.tax}@{row.rate}" if row.rate else row.tax
        rows.append(ReportRow(key=key, label=label, level=0, style="line", cells=cells, rate=row.rate or None))
    total = sum((row.cells[1].amount or nothing(base) for row in rows), nothing(base))
    cells = [ReportCell(), ReportCell(amount=total, cell=_cell(query, company, "total", "", "tax", (first, last)))]
    rows.append(ReportRow(key="total", label="Total tax", level=0, style="total", cells=cells))
    return Report(
        kind=KIND,
        title=TITLE,
        company=company.ref,
        currency=base,
        known_at=query.known_at,
        dimension=query.dimension or None,
        columns=[
            ReportColumn(key=key, label=label, starts_on=first, ends_on=last)
            for key, label in (("tax_base", "Base"), ("tax", "Tax"))
        ],
        rows=rows,
        ties_to=[] if query.dimension else [_tie(total, Decimal(returned.amount).quantize(quantum(base)))],
    ).formatted(query.format, context.now)


def _tie(total: Decimal, returned: Decimal) -> Tie:
    """The taxes against what returns are made of; entries by hand are in the one alone."""
    label = "Total tax"
    return Tie(
        column="tax",
        label=label,
        amount=total,
        ties_to="Output less input of tax returns",
        balance=returned,
        difference=total - returned,
    )


def cell_terms(context: Context, place: Address) -> tuple[Line, Column]:
    """What a cell of the summary adds up. Raises InvalidRequest for one that it does not have."""
    if place.first is None or place.options.get("by") not in ("tax", "taxed"):
        raise unknown_cell()
    if place.options.get("figure") not in (None, "tax_base"):
        raise unknown_cell()
    accounts = frozenset(entry.id for entry in configuration(context).every(Account))
    line = Line(place.row, "Tax", 0, "line", (Term(accounts, "movement", -1),))
    return line, movement_column(place.first, place.last)


def _cell(
    query: TaxSummaryQuery,
    company: Entry[Company],
    tax: str,
    rate: str,
    figure: str,
    days: tuple[dt.date, dt.date],
) -> str:
    options = {"by": "taxed"} if tax == "total" else {"by": "tax", "which": tax, "rate": rate}
    if figure == "tax_base":
        options["figure"] = figure
    return identifier(
        Address(
            kind=KIND,
            row=tax,
            company=company.id,
            first=days[0],
            last=days[1],
            known_at=query.known_at,
            dimension=query.dimension,
            options=options,
        )
    )
