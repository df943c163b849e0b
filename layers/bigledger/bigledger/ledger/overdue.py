"""Items past their due date: each is told of once, whoever looks and however often; both subledgers alike."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import orjson

from bigledger.kernel import Context, Document, Ref, Table, configuration, documents
from bigledger.kernel.documents import AS_JSON, from_json
from bigledger.kernel.serialization import json_text
from bigledger.ledger.open_items import Subledger
from bigledger.ledger.settling import OpenItem, item_json, read_item
from bigledger.records import Company

MARKED_PER_TRANSACTION = 200
"""How many items are marked in one transaction."""

# A page of items in the order of their documents, of which each comes once: an entry may have opened many, as opening
# balances do, and is long.
_PAST_DUE = """
    SELECT jsonb_build_object(
        'document', CASE WHEN row_number() OVER (PARTITION BY b.document_id ORDER BY b.due_date, i.instalment) = 1
                         THEN {document} END,
        'item', {item}, 'on', t.today,
        'party', (SELECT jsonb_build_object('id', c.id, 'code', c.number, 'name', c.data->>'name')
                  FROM kernel.document c WHERE c.id = b.party_id))::text
    FROM jsonb_to_recordset(cast(:days AS jsonb)) AS t (company uuid, today date)
    JOIN ledger.open_item_balance b ON b.company_id = t.company AND b.due_date < t.today
    JOIN ledger.open_item i ON i.tenant_id = b.tenant_id AND i.id = b.open_item_id
    JOIN kernel.document d ON d.tenant_id = b.tenant_id AND d.id = b.document_id
        AND d.type IN ({types})
    WHERE b.open AND b.subledger = :subledger AND {owed}
      AND NOT EXISTS (SELECT 1 FROM {told} o WHERE o.open_item_id = b.open_item_id)
    ORDER BY b.due_date, b.document_id, i.instalment LIMIT :limit
"""
_OWED = {"receivable": "b.amount > 0", "payable": "b.amount < 0"}


@dataclass(frozen=True, slots=True)
class PastDue:
    """An open item past its due date: its document, whose it is by today's name, and what day it is there."""

    document: Document
    item: OpenItem
    party: Ref
    on: dt.date

    @property
    def days(self) -> int:
        """How many days it is overdue."""
        return (self.on - self.item.due_date).days


def overdue_table(name: str) -> Table:
    """The table of a module that keeps which items were told of; no item stands in it twice."""
    return Table(name, ("open_item_id", "document_id", "due_date", "marked_on"))


def mark_past_due(context: Context, subledger: Subledger, types: Sequence[str], told: Table) -> list[PastDue]:
    """Mark what is past its due date in each company's time zone and was not told of, as much as one transaction takes.

    Of documents of these ``types`` what is owed by customers, or to suppliers; not the credit either has. The changed
    documents are staged, the items of each stand together, and the caller tells of them.
    """
    days = [
        {"company": company.id, "today": str(context.clock.today(company.data.timezone))}
        for company in configuration(context).every(Company)
    ]
    quoted = ", ".join(f"'{type}'" for type in types)
    read = _PAST_DUE.format(document=AS_JSON, item=item_json(), types=quoted, owed=_OWED[subledger], told=told.name)
    rows = context.work.read(read, days=json_text(days), subledger=subledger, limit=MARKED_PER_TRANSACTION)
    found = [orjson.loads(row[0]) for row in rows]
    stored = {one["document"]["id"]: from_json(one["document"]) for one in found if one["document"]}
    by_document = sorted(found, key=lambda one: (one["item"]["document_id"], one["item"]["instalment"]))
    marked = []
    for id, each in groupby(by_document, key=lambda one: one["item"]["document_id"]):
        document = documents.change(context, stored[id])
        marked += [
            PastDue(document, read_item(one["item"]), Ref(**one["party"]), dt.date.fromisoformat(one["on"]))
            for one in each
        ]
    context.work.append(
        told,
        [
            {
                "open_item_id": one.item.id,
                "document_id": one.document.id,
                "due_date": one.item.due_date,
                "marked_on": one.on,
            }
            for one in marked
        ],
    )
    return marked
