"""What stands behind a cell: its journal lines, the documents they belong to, and the events that posted them."""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.kernel import Context, Entry, FieldError, InvalidRequest, NotFound, Ref, configuration, listing
from bigledger.kernel.money import nothing, plain, quantum, round_money, scale
from bigledger.kernel.serialization import json_text
from bigledger.records import Account, Company
from bigledger.reporting import general_ledger, sales_summary, statements, tax_summary, trial_balance
from bigledger.reporting.ageing import KINDS as AGEINGS
from bigledger.reporting.ageing_explanation import explain_ageing
from bigledger.reporting.categories import chart
from bigledger.reporting.cells import Address, address, line_position, unknown_cell
from bigledger.reporting.entries import DIFFERENCE_ONLY, TOUCHES_ASSETS, conditions
from bigledger.reporting.explained import ExplainedLine, ExplainQuery, Explanation, PostingEvent
from bigledger.reporting.figures import NARROWED, narrowed
from bigledger.reporting.layout import Line
from bigledger.reporting.periods import EVER, Column
from bigledger.reporting.sales_summary import CUSTOMER
from bigledger.reporting.tax_summary import TAX_BASE, TAX_DUE, TAX_RATE

_FOUND = f"""
    WITH term AS (
        SELECT account_id, first, last, closing, sign, part
        FROM jsonb_to_recordset(cast(:terms AS jsonb))
            AS t(account_id uuid, first date, last date, closing boolean, sign integer, part text)
    ), counted AS (
        SELECT l.document_id, l.entry, l.line, l.effective_date, l.recorded_at,
               CASE :figure WHEN 'quantity' THEN coalesce(l.quantity, 0)
                            WHEN 'tax_base' THEN coalesce(({TAX_BASE}), 0) ELSE l.base_amount END AS figure,
               sum(t.sign) AS weight
        FROM term t JOIN ledger.journal_line l
          ON l.company_id = cast(:company AS uuid) AND l.account_id = t.account_id
         AND l.effective_date >= t.first AND l.effective_date <= t.last AND (t.closing OR l.area <> 'closing')
         AND l.recorded_at <= cast(:known_at AS timestamptz)
        WHERE (t.part = 'all' OR (t.part = 'debit' AND l.base_amount > 0) OR (t.part = 'credit' AND l.base_amount < 0)
               OR (t.part = 'exchange' AND {DIFFERENCE_ONLY})
               OR (t.part = 'with_assets' AND {TOUCHES_ASSETS}))
          AND (:by = '' OR (:by = 'product' AND l.product_id IS NOT DISTINCT FROM cast(nullif(:which, '') AS uuid))
               OR (:by = 'customer' AND ({CUSTOMER}) IS NOT DISTINCT FROM cast(nullif(:which, '') AS uuid))
               OR (:by = 'tax' AND l.tax = :which AND {TAX_DUE} AND coalesce(({TAX_RATE}), '') = :rate)
               OR (:by = 'taxed' AND l.tax IS NOT NULL AND {TAX_DUE}))
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
            'party_id', l.party_id, 'party_code', p.number, 'party_name', p.data->>'name',
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

_START = ("-infinity", "-infinity", "00000000-0000-0000-0000-000000000000", "0", "0")


def explain(query: ExplainQuery, context: Context) -> Explanation:
    """The lines behind a cell, oldest first, in one statement; all of them add up to the cell.

    Raises NotFound for an unknown company, InvalidRequest for a cell that is not of such a report.
    """
    place = asked(query, context)
    company = company_named(context, place)
    if place.kind in AGEINGS:
        return explain_ageing(query, context, place, company)
    if place.kind == general_ledger.KIND:
        line, column = general_ledger.cell_terms(context, place)
    elif place.kind == sales_summary.KIND:
        line, column = sales_summary.cell_terms(context, place)
    elif place.kind == tax_summary.KIND:
        line, column = tax_summary.cell_terms(context, place)
    elif place.kind == trial_balance.KIND:
        line, column = trial_balance.cell_terms(context, place)
    elif place.kind in statements.KINDS:
        line, column = statements.cell_terms(context, company, place)
    else:
        raise unknown_cell()
    return _explained(query, context, place, company, line, column)


def asked(query: ExplainQuery, context: Context) -> Address:
    """The cell that is asked about. Raises InvalidRequest where it belongs to another kind of report."""
    place = address(query.cell)
    if place.kind != query.kind:
        raise InvalidRequest(
            f"This cell is of the report {place.kind}.",
            errors=[FieldError("/cell", "other_report", f"ask /reports/{place.kind}/explain about it")],
        )
    return place


def company_named(context: Context, place: Address) -> Entry[Company]:
    """The company of a cell. Raises NotFound for one that the tenant does not have."""
    company = configuration(context).find(Company, str(place.company))
    if company is None:
        raise NotFound("There is no such company.")
    return company


def _explained(
    query: ExplainQuery, context: Context, place: Address, company: Entry[Company], line: Line, column: Column
) -> Explanation:
    """A page of the lines that a row adds up in a column."""
    position = line_position(listing.read_cursor(query.cursor, len(_START))) if query.cursor else _START
    found = context.work.read_json(
        _FOUND,
        company=str(company.id),
        terms=_terms(line, column),
        known_at=place.known_at.isoformat() if place.known_at else "infinity",
        figure=place.options.get("figure", ""),
        by=place.options.get("by", ""),
        which=place.options.get("which", ""),
        rate=place.options.get("rate", ""),
        decimals=scale(company.data.currency),
        shared=place.shared,
        split=place.split,
        value=place.value,
        after_date=position[0],
        after_recorded=position[1],
        after_document=position[2],
        after_entry=position[3],
        after_line=position[4],
        limit=query.limit + 1,
        **conditions(chart(context)),
        **narrowed(place.dimension),
    )
    accounts = {entry.id: entry for entry in configuration(context).every(Account)}
    base = company.data.currency
    rows = found["page"]
    following = None
    if len(rows) > query.limit:
        rows = rows[: query.limit]
        last = rows[-1]
        following = listing.cursor(
            *(str(last[name]) for name in ("date", "recorded_at", "document_id", "entry", "line"))
        )
    return Explanation(
        kind=place.kind,
        company=company.ref,
        currency=base,
        row=line.key,
        label=line.label,
        column=column.key,
        known_at=place.known_at,
        amount=_figure(place, found["amount"], base),
        lines=found["lines"],
        data=[_line(place, row, accounts, base) for row in rows],
        next_cursor=following,
    )


def _terms(line: Line, column: Column) -> str:
    """The accounts and days a row adds up, as the statement takes them."""
    rows = []
    for term in line.terms:
        span = column.spans[term.measure]
        rows += [
            {
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


def _line(place: Address, row: dict[str, Any], accounts: dict[UUID, Entry[Account]], base: str) -> ExplainedLine:
    amount = Decimal(row["base_amount"]).quantize(quantum(base))
    return ExplainedLine(
        document=Ref(id=UUID(row["document_id"]), code=row["number"] or ""),
        document_type=row["type"],
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
