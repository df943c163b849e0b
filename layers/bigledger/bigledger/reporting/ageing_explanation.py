"""What stands behind a cell of an ageing: the items that were open, and what had settled part of them."""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.kernel import Context, Entry, Ref, configuration
from bigledger.kernel.documents import is_id
from bigledger.kernel.money import nothing, quantum, round_money
from bigledger.kernel.serialization import json_text
from bigledger.records import Account, Company
from bigledger.reporting.ageing import KINDS, buckets, open_sql, sign_of
from bigledger.reporting.cells import Address, unknown_cell
from bigledger.reporting.explained import ExplainedLine, ExplainQuery, Explanation, PostingEvent, beginning, page_of
from bigledger.reporting.periods import written

_FOUND = """
    WITH item AS MATERIALIZED (
        SELECT o.* FROM ({open}) o
        WHERE (:bucket = 'total' OR o.bucket = :bucket
               OR (:bucket IN ('owed', 'overdue') AND o.bucket <> 'unallocated'
                   AND (:bucket = 'owed' OR o.bucket <> 'not_due')))
          AND (:item = '' OR o.id = cast(nullif(:item, '') AS uuid))
    ), line AS MATERIALIZED (
        SELECT i.document_id, 1 AS entry, i.instalment::integer AS line, i.effective_date, i.recorded_at, i.party_id,
               i.account_id, i.currency, i.amount, i.base_amount, 'opened' AS what
        FROM ledger.open_item i WHERE i.id IN (SELECT id FROM item)
        UNION ALL
        SELECT s.document_id, 2, row_number() OVER (PARTITION BY s.document_id ORDER BY s.id)::integer,
               s.effective_date, s.recorded_at, i.party_id, i.account_id, i.currency, -s.amount, -s.base_amount,
               'settled'
        FROM item x JOIN ledger.settlement s ON s.open_item_id = x.id JOIN ledger.open_item i ON i.id = x.id
        WHERE s.effective_date <= cast(:as_of AS date) AND s.recorded_at <= cast(:known_at AS timestamptz)
    ), shown AS (
        SELECT * FROM line
        WHERE (effective_date, recorded_at, document_id, entry, line) >
              (cast(:after_date AS date), cast(:after_recorded AS timestamptz), cast(:after_document AS uuid),
               cast(:after_entry AS integer), cast(:after_line AS integer))
        ORDER BY effective_date, recorded_at, document_id, entry, line LIMIT :limit
    )
    SELECT jsonb_build_object(
        'amount', (SELECT coalesce(sum(:sign * base_amount), 0)::text FROM line),
        'lines', (SELECT count(*) FROM line),
        'page', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'document_id', l.document_id, 'number', d.number, 'type', d.type, 'entry', l.entry, 'line', l.line,
            'date', l.effective_date, 'recorded_at', l.recorded_at, 'account_id', l.account_id, 'what', l.what,
            'party_id', l.party_id, 'party_code', p.number, 'party_name', p.data->>'name',
            'currency', l.currency, 'currency_amount', l.amount::text, 'base_amount', l.base_amount::text,
            'events', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'type', e.type,
                           'recorded_at', e.recorded_at, 'actor', e.actor_name) ORDER BY e.sequence), '[]')
                       FROM kernel.event e WHERE e.subject_id = l.document_id AND e.recorded_at = l.recorded_at))
            ORDER BY l.effective_date, l.recorded_at, l.document_id, l.entry, l.line), '[]')
            FROM shown l JOIN kernel.document d ON d.id = l.document_id JOIN kernel.document p ON p.id = l.party_id)
    )::text
"""


_ADDED = ("unallocated", "total", "owed", "overdue")
"""Columns besides the buckets: all that is owed without what is unallocated, and what of that is past due, too."""


def explain_ageing(query: ExplainQuery, context: Context, place: Address, company: Entry[Company]) -> Explanation:
    """The items behind a cell and their settlements up to the day, oldest first, in one statement."""
    subledger = KINDS[place.kind]
    column, ends = place.options.get("column", ""), place.options.get("buckets", "")
    by = place.options.get("by", "due_date")
    what, _, id = place.row.partition(":")
    if (
        not all(end.isdecimal() for end in ends.split(","))
        or by not in ("due_date", "document_date")
        or column not in [*(key for key, _, _ in buckets([int(end) for end in ends.split(",")], by)), *_ADDED]
        or what not in ("party", "item", "total")
        or (what != "total" and not is_id(id))
        or not (is_id(place.options.get("party", "")) or "party" not in place.options)
    ):
        raise unknown_cell()
    found = context.work.read_json(
        _FOUND.format(open=open_sql(place.known_at is not None)),
        company=str(company.id),
        subledger=subledger,
        sign=sign_of(subledger),
        as_of=str(place.last),
        known_at=place.known_at.isoformat() if place.known_at else "infinity",
        by=by,
        buckets=json_text([(key, last) for key, _, last in buckets([int(end) for end in ends.split(",")], by)]),
        party=id if what == "party" else place.options.get("party", ""),
        item=id if what == "item" else "",
        bucket=column,
        **beginning(query),
    )
    base = company.data.currency
    rows, following = page_of(query, found["page"])
    accounts = {entry.id: entry.ref for entry in configuration(context).every(Account)}
    return Explanation(
        kind=place.kind,
        company=company.ref,
        currency=base,
        row=place.row,
        label=f"Open on {written(place.last)}",
        column=column,
        known_at=place.known_at,
        amount=Decimal(found["amount"]).quantize(quantum(base)),
        lines=found["lines"],
        data=[_line(row, accounts, base, sign_of(subledger)) for row in rows],
        next_cursor=following,
    )


def _line(row: dict[str, Any], accounts: dict[UUID, Ref], base: str, sign: int) -> ExplainedLine:
    amount = Decimal(row["base_amount"]).quantize(quantum(base))
    return ExplainedLine(
        document=Ref(id=UUID(row["document_id"]), code=row["number"] or ""),
        document_type=row["type"],
        date=dt.date.fromisoformat(row["date"]),
        recorded_at=dt.datetime.fromisoformat(row["recorded_at"]),
        account=accounts[UUID(row["account_id"])],
        party=Ref(id=UUID(row["party_id"]), code=row["party_code"], name=row["party_name"]),
        text=row["what"],
        debit=max(amount, nothing(base)),
        credit=max(-amount, nothing(base)),
        currency=row["currency"],
        currency_amount=round_money(Decimal(row["currency_amount"]), row["currency"]),
        amount=amount * sign,
        events=[PostingEvent.model_validate(event) for event in row["events"]],
    )
