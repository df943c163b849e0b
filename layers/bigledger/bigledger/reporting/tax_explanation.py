"""What stands behind a cell of the tax summary: the documents' lines, each with what it says of the tax."""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.kernel import Context, Entry, Ref, configuration
from bigledger.kernel.money import nothing, quantum
from bigledger.records import Account, Company
from bigledger.reporting.cells import Address, unknown_cell
from bigledger.reporting.explained import ExplainedLine, ExplainQuery, Explanation, PostingEvent, beginning, page_of
from bigledger.reporting.periods import written
from bigledger.reporting.tax_entries import RATE, SIDE, narrowing, taxed, without

_TAXED = f"""
    SELECT e.document_id, e.entry, e.line, e.effective_date, e.recorded_at, e.tax, e.item, e.base,
           e.output - e.input AS amount, coalesce(e.output_account_id, e.input_account_id) AS account_id
    FROM ({{taxed}}) e
    WHERE :of = 'total' OR ({SIDE} = :side AND e.tax = :tax AND {RATE} = :rate)
"""

_UNTAXED = f"""
    SELECT e.document_id, e.entry, e.line, e.effective_date, e.recorded_at, e.tax, e.item, e.base,
           cast(0 AS numeric) AS amount, cast(NULL AS uuid) AS account_id
    FROM ({{without}}) e
    WHERE {SIDE} = :side AND e.basis = :basis AND coalesce(e.tax, '') = :tax AND coalesce(e.rule, '') = :rule
"""

_FOUND = """
    WITH told AS MATERIALIZED (
        SELECT t.*, CASE :figure WHEN 'base' THEN t.base ELSE t.amount END AS figure FROM ({told}) t
    ), shown AS (
        SELECT * FROM told
        WHERE (effective_date, recorded_at, document_id, entry, line) >
              (cast(:after_date AS date), cast(:after_recorded AS timestamptz), cast(:after_document AS uuid),
               cast(:after_entry AS integer), cast(:after_line AS integer))
        ORDER BY effective_date, recorded_at, document_id, entry, line LIMIT :limit
    )
    SELECT jsonb_build_object(
        'amount', (SELECT coalesce(sum(figure), 0)::text FROM told),
        'lines', (SELECT count(*) FROM told),
        'page', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'document_id', l.document_id, 'number', d.number, 'type', d.type, 'entry', l.entry, 'line', l.line,
            'date', l.effective_date, 'recorded_at', l.recorded_at, 'account_id', l.account_id, 'tax', l.tax,
            'item', l.item, 'amount', l.amount::text, 'figure', l.figure::text,
            'party_id', d.party_id, 'party_code', p.number, 'party_name', p.data->>'name',
            'events', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'type', e.type,
                           'recorded_at', e.recorded_at, 'actor', e.actor_name) ORDER BY e.sequence), '[]')
                       FROM kernel.event e WHERE e.subject_id = l.document_id AND e.recorded_at = l.recorded_at))
            ORDER BY l.effective_date, l.recorded_at, l.document_id, l.entry, l.line), '[]')
            FROM shown l JOIN kernel.document d ON d.id = l.document_id
            LEFT JOIN kernel.document p ON p.id = d.party_id)
    )::text
"""

_ASKED = {
    "total": frozenset[str](),
    "tax": frozenset({"side", "tax", "rate"}),
    "untaxed": frozenset({"side", "basis", "tax", "rule"}),
}


def explain_taxes(query: ExplainQuery, context: Context, place: Address, company: Entry[Company]) -> Explanation:
    """The taxes of documents' lines behind a cell, oldest first, in one statement."""
    of = place.options.get("of", "")
    figure = place.options.get("figure", "tax")
    given = frozenset(place.options) - {"of", "figure"}
    if of not in _ASKED or given != _ASKED[of] or place.first is None or figure not in ("base", "tax"):
        raise unknown_cell()
    if of == "untaxed":
        told = _UNTAXED.format(without=without(place.dimension))
    else:
        told = _TAXED.format(taxed=taxed(place.dimension))
    named = {"side": "", "tax": "", "rate": ""} | {"of": of} if of != "untaxed" else {}
    found = context.work.read_json(
        _FOUND.format(told=told),
        company=str(company.id),
        first=str(place.first),
        last=str(place.last),
        known_at=place.known_at.isoformat() if place.known_at else "infinity",
        figure=figure,
        **beginning(query),
        **named | {name: value for name, value in place.options.items() if name in given},
        **narrowing(place.dimension),
    )
    rows, following = page_of(query, found["page"])
    base = company.data.currency
    accounts = {entry.id: entry.ref for entry in configuration(context).every(Account)}
    return Explanation(
        kind=place.kind,
        company=company.ref,
        currency=base,
        row=place.row,
        label=f"Told by documents from {written(place.first)} to {written(place.last)}",
        column="tax_base" if figure == "base" else "tax",
        known_at=place.known_at,
        amount=Decimal(found["amount"]).quantize(quantum(base)),
        lines=found["lines"],
        data=[_line(row, accounts, base) for row in rows],
        next_cursor=following,
    )


def _line(row: dict[str, Any], accounts: dict[UUID, Ref], base: str) -> ExplainedLine:
    tax = Decimal(row["amount"]).quantize(quantum(base))
    party = row["party_code"] is not None
    return ExplainedLine(
        document=Ref(id=UUID(row["document_id"]), code=row["number"] or ""),
        document_type=row["type"],
        item=row["item"],
        date=dt.date.fromisoformat(row["date"]),
        recorded_at=dt.datetime.fromisoformat(row["recorded_at"]),
        account=accounts[UUID(row["account_id"])] if row["account_id"] else None,
        party=Ref(id=UUID(row["party_id"]), code=row["party_code"], name=row["party_name"]) if party else None,
        tax=row["tax"],
        debit=max(-tax, nothing(base)),
        credit=max(tax, nothing(base)),
        currency=base,
        currency_amount=-tax,
        amount=Decimal(row["figure"]).quantize(quantum(base)),
        events=[PostingEvent.model_validate(event) for event in row["events"]],
    )
