"""What stands behind a cell: its journal lines, the documents they belong to, and the events that posted them."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.kernel import Context, Entry, FieldError, InvalidRequest, Ref, configuration
from bigledger.kernel.money import nothing, plain, quantum, round_money
from bigledger.kernel.serialization import json_text
from bigledger.records import Account, Company
from bigledger.reporting import statements
from bigledger.reporting.ageing import KINDS as AGEINGS
from bigledger.reporting.ageing_explanation import explain_ageing
from bigledger.reporting.categories import chart
from bigledger.reporting.cells import Address, address, unknown_cell
from bigledger.reporting.companies import of_cell
from bigledger.reporting.entries import DIFFERENCE_ONLY, TOUCHES_ASSETS, conditions
from bigledger.reporting.explained import ExplainedLine, ExplainQuery, Explanation, PostingEvent, beginning, page_of
from bigledger.reporting.figures import NARROWED, narrowed
from bigledger.reporting.general_ledger import KIND as GENERAL_LEDGER
from bigledger.reporting.general_ledger import cell_terms as general_ledger_terms
from bigledger.reporting.kpis import KIND as KPIS
from bigledger.reporting.kpis import cell_terms as kpi_terms
from bigledger.reporting.kpis import of_ageing
from bigledger.reporting.layout import Line
from bigledger.reporting.periods import EVER, Column
from bigledger.reporting.sales_summary import CUSTOMER
from bigledger.reporting.sales_summary import KIND as SALES_SUMMARY
from bigledger.reporting.sales_summary import cell_terms as sales_terms
from bigledger.reporting.stock_explanation import KINDS as STOCK
from bigledger.reporting.stock_explanation import explain_stock
from bigledger.reporting.tax_entries import NOT_TOLD
from bigledger.reporting.tax_explanation import explain_taxes
from bigledger.reporting.tax_summary import KIND as TAX_SUMMARY
from bigledger.reporting.tax_summary import cell_terms as tax_terms
from bigledger.reporting.trial_balance import KIND as TRIAL_BALANCE
from bigledger.reporting.trial_balance import cell_terms as trial_balance_terms

_TERMS: Mapping[str, Callable[[Context, Address], tuple[Line, Column]]] = {
    GENERAL_LEDGER: general_ledger_terms,
    KPIS: kpi_terms,
    SALES_SUMMARY: sales_terms,
    TAX_SUMMARY: tax_terms,
    TRIAL_BALANCE: trial_balance_terms,
}
"""What tells the terms that a cell of a report adds up."""

SIDE_BY_SIDE = statements.KINDS | {TRIAL_BALANCE}
"""The reports that have companies side by side, so that a cell may be of several."""

_FOUND = f"""
    WITH term AS (
        SELECT company_id, account_id, first, last, closing, sign, part
        FROM jsonb_to_recordset(cast(:terms AS jsonb))
            AS t(company_id uuid, account_id uuid, first date, last date, closing boolean, sign integer, part text)
    ), counted AS (
        SELECT l.document_id, l.entry, l.line, l.effective_date, l.recorded_at,
               CASE :figure WHEN 'quantity' THEN coalesce(l.quantity, 0) ELSE l.base_amount END AS figure,
               sum(t.sign) AS weight
        FROM term t JOIN ledger.journal_line l
          ON l.company_id = t.company_id AND l.account_id = t.account_id
         AND l.effective_date >= t.first AND l.effective_date <= t.last AND (t.closing OR l.area <> 'closing')
         AND l.recorded_at <= cast(:known_at AS timestamptz)
        WHERE (t.part = 'all' OR (t.part = 'debit' AND l.base_amount > 0) OR (t.part = 'credit' AND l.base_amount < 0)
               OR (t.part = 'exchange' AND {DIFFERENCE_ONLY})
               OR (t.part = 'with_assets' AND {TOUCHES_ASSETS}))
          AND (:by = '' OR (:by = 'product' AND l.product_id IS NOT DISTINCT FROM cast(nullif(:which, '') AS uuid))
               OR (:by = 'customer' AND ({CUSTOMER}) IS NOT DISTINCT FROM cast(nullif(:which, '') AS uuid))
               OR (:by = 'besides' AND {NOT_TOLD} AND EXISTS (
                       SELECT 1 FROM kernel.document b WHERE b.id = l.document_id AND b.type = :which)))
          AND (NOT :shared OR l.dimensions->>:split IS NOT DISTINCT FROM :value)
        {NARROWED.format(row="l")}
        GROUP BY l.tenant_id, l.document_id, l.entry, l.line
        HAVING sum(t.sign) <> 0
    ), shown AS (
        SELECT c.weight, c.figure, l.* FROM counted c
        JOIN ledger.journal_line l ON l.document_id = c.document_id AND l.entry = c.entry AND l.line = c.line
        WHERE (c.effective_date, c.recorded_at, c.document_id, c.entry, c.line) >
              (cast(:after_date AS date), cast(:after_recorded AS timestamptz), cast(:after_document AS uuid),
               cast(:after_entry AS integer), cast(:after_line AS integer))
        ORDER BY c.effective_date, c.recorded_at, c.document_id, c.entry, c.line LIMIT :limit
    )
    SELECT jsonb_build_object(
        'amount', (SELECT coalesce(sum(weight * figure), 0)::text FROM counted),
        'lines', (SELECT count(*) FROM counted),
        'page', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'document_id', l.document_id, 'number', d.number, 'type', d.type, 'entry', l.entry, 'line', l.line,
            'date', l.effective_date, 'recorded_at', l.recorded_at, 'account_id', l.account_id,
            'company_id', l.company_id, 'party_id', l.party_id, 'party_code', p.number, 'party_name', p.data->>'name',
            'product_id', l.product_id, 'product_code', o.number, 'product_name', o.data->>'name',
            'dimensions', l.dimensions, 'tax', l.tax, 'text', l.text, 'currency', l.currency,
            'currency_amount', l.amount::text, 'quantity', l.quantity::text,
            'base_amount', l.base_amount::text, 'weight', l.weight, 'figure', l.figure::text,
            'events', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'type', e.type,
                           'recorded_at', e.recorded_at, 'actor', e.actor_name) ORDER BY e.sequence), '[]')
                       FROM kernel.event e WHERE e.subject_id = l.document_id AND e.recorded_at = l.recorded_at))
            ORDER BY l.effective_date, l.recorded_at, l.document_id, l.entry, l.line), '[]')
            FROM shown l
            JOIN kernel.document d ON d.id = l.document_id
            LEFT JOIN kernel.document p ON p.id = l.party_id
            LEFT JOIN kernel.document o ON o.id = l.product_id)
    )::text
"""


def explain(query: ExplainQuery, context: Context) -> Explanation:
    """The lines behind a cell, oldest first, in one statement; all of them add up to the cell.

    Raises NotFound for an unknown company, InvalidRequest for a cell that is not of such a report.
    """
    place = asked(query, context)
    companies = of_cell(context, place)
    company = companies[0]
    if place.others and place.kind not in SIDE_BY_SIDE:
        raise unknown_cell()
    if place.kind == KPIS and (owed := of_ageing(place)) is not None:
        told = explain_ageing(query, context, owed, company)
        return told.model_copy(update={"kind": place.kind, "row": place.row})
    if place.kind in AGEINGS:
        return explain_ageing(query, context, place, company)
    if place.kind == TAX_SUMMARY and "of" in place.options:
        return explain_taxes(query, context, place, company)
    if place.kind in STOCK:
        return explain_stock(query, context, place, company)
    if place.kind in _TERMS:
        line, column = _TERMS[place.kind](context, place)
    elif place.kind in statements.KINDS:
        line, column = statements.cell_terms(context, place)
    else:
        raise unknown_cell()
    return _explained(query, context, place, companies, line, column)


def asked(query: ExplainQuery, context: Context) -> Address:
    """The cell that is asked about. Raises InvalidRequest where it belongs to another kind of report."""
    place = address(query.cell)
    if place.kind != query.kind:
        raise InvalidRequest(
            f"This cell is of the report {place.kind}.",
            errors=[FieldError("/cell", "other_report", f"ask /reports/{place.kind}/explain about it")],
        )
    return place


def _explained(
    query: ExplainQuery,
    context: Context,
    place: Address,
    companies: Sequence[Entry[Company]],
    line: Line,
    column: Column,
) -> Explanation:
    """A page of the lines that a row adds up in a column."""
    found = context.work.read_json(
        _FOUND,
        terms=_terms(line, column),
        known_at=place.known_at.isoformat() if place.known_at else "infinity",
        figure=place.options.get("figure", ""),
        by=place.options.get("by", ""),
        which=place.options.get("which", ""),
        shared=place.shared,
        split=place.split,
        value=place.value,
        **beginning(query),
        **conditions(chart(context)),
        **narrowed(place.dimension),
    )
    accounts = {entry.id: entry for entry in configuration(context).every(Account)}
    base = companies[0].data.currency
    rows, following = page_of(query, found["page"])
    told = {company.id: company.ref for company in companies} if place.others else {}
    return Explanation(
        kind=place.kind,
        company=None if place.others else companies[0].ref,
        companies=list(told.values()) or None,
        currency=base,
        row=line.key,
        label=line.label,
        column=column.key,
        known_at=place.known_at,
        amount=_figure(place, found["amount"], base),
        lines=found["lines"],
        data=[_line(place, row, accounts, told, base) for row in rows],
        next_cursor=following,
    )


def _terms(line: Line, column: Column) -> str:
    """The accounts and days of each company that a row adds up, as the statement takes them."""
    rows = []
    for company, spans in column.spans.items():
        for term in line.terms:
            span = spans[term.measure]
            rows += [
                {
                    "company_id": company,
                    "account_id": account,
                    "first": "-infinity" if span.first == EVER else span.first,
                    "last": span.last,
                    "closing": span.closing,
                    "sign": term.sign,
                    "part": term.part,
                }
                for account in sorted(term.accounts)
            ]
    return json_text(rows)


def _figure(place: Address, text: str, base: str) -> Decimal:
    """A figure as the report shows it: a quantity plain, an amount with the decimals of base currency."""
    number = Decimal(text)
    return plain(number) if place.options.get("figure") == "quantity" else number.quantize(quantum(base))


def _line(
    place: Address, row: dict[str, Any], accounts: dict[UUID, Entry[Account]], companies: dict[UUID, Ref], base: str
) -> ExplainedLine:
    amount = Decimal(row["base_amount"]).quantize(quantum(base))
    return ExplainedLine(
        document=Ref(id=UUID(row["document_id"]), code=row["number"] or ""),
        document_type=row["type"],
        company=companies.get(UUID(row["company_id"])),
        entry=row["entry"],
        line=row["line"],
        date=dt.date.fromisoformat(row["date"]),
        recorded_at=dt.datetime.fromisoformat(row["recorded_at"]),
        account=accounts[UUID(row["account_id"])].ref,
        party=_ref(row, "party"),
        product=_ref(row, "product"),
        dimensions=row["dimensions"] or None,
        tax=row["tax"],
        text=row["text"],
        debit=max(amount, nothing(base)),
        credit=max(-amount, nothing(base)),
        currency=row["currency"],
        currency_amount=round_money(Decimal(row["currency_amount"]), row["currency"]),
        quantity=None if row["quantity"] is None else plain(Decimal(row["quantity"])),
        amount=_figure(place, row["figure"], base) * row["weight"],
        events=[PostingEvent.model_validate(event) for event in row["events"]],
    )


def _ref(row: dict[str, Any], name: str) -> Ref | None:
    if row[f"{name}_id"] is None:
        return None
    return Ref(id=UUID(row[f"{name}_id"]), code=row[f"{name}_code"], name=row[f"{name}_name"])
