"""Items past their due date: each is told of once, whoever runs it and however often."""

import datetime as dt
from itertools import groupby
from typing import Any
from uuid import UUID

import orjson

from bigledger.kernel import Amount, Answer, Command, Conflict, Context, Ref, Table, configuration, database, documents
from bigledger.kernel.documents import AS_JSON, from_json
from bigledger.kernel.money import quantum
from bigledger.kernel.serialization import json_text
from bigledger.ledger import item_json, read_item
from bigledger.receivables.model import InvoiceData
from bigledger.receivables.reminder_events import InvoiceOverdue
from bigledger.records import Company

MARKED_PER_TRANSACTION = 200
"""How many items are marked in one transaction."""

_OVERDUE_ITEM = Table("receivables.overdue_item", ("open_item_id", "document_id", "due_date", "marked_on"))

database.constraint("overdue_told_once", lambda: Conflict("Another run marked these items meanwhile; run it again."))


class MarkOverdue(Command):
    """Marks what is overdue today in each company's time zone; it takes nothing else."""


class OverdueItem(Answer):
    """An item that was marked: an instalment of an invoice or debit note, and what is open of it."""

    open_item_id: UUID
    document: Ref
    type: str
    customer: Ref
    instalment: int
    due_date: dt.date
    currency: str
    amount_due: Amount


class OverdueMarked(Answer):
    """What a run marked; ``more`` says that there is more than one run takes."""

    marked: int
    more: bool
    items: list[OverdueItem]
    events: list[str]


# A page of documents, so that all that one transaction tells of an invoice is told at once.
_DUE = f"""
    SELECT jsonb_build_object('document', {AS_JSON}, 'item', {item_json()}, 'on', t.today)::text
    FROM jsonb_to_recordset(cast(:days AS jsonb)) AS t (company uuid, today date)
    JOIN ledger.open_item_balance b ON b.company_id = t.company AND b.due_date < t.today
    JOIN ledger.open_item i ON i.tenant_id = b.tenant_id AND i.id = b.open_item_id
    JOIN kernel.document d ON d.tenant_id = b.tenant_id AND d.id = b.document_id AND d.type IN ('invoice', 'debit_note')
    WHERE b.open AND b.subledger = 'receivable' AND b.amount > 0
      AND NOT EXISTS (SELECT 1 FROM receivables.overdue_item o WHERE o.open_item_id = b.open_item_id)
    ORDER BY b.due_date, b.document_id, i.instalment LIMIT :limit
"""


def mark(command: MarkOverdue, context: Context) -> OverdueMarked:
    """Mark what is overdue, the longest overdue first."""
    items = _mark(context)
    return OverdueMarked(
        marked=len(items),
        more=len(items) == MARKED_PER_TRANSACTION,
        items=items,
        events=[event.type for event, _ in context.work.events],
    )


def mark_due(context: Context) -> int:
    """Mark the tenant's overdue items, as many as one transaction takes; answers how many."""
    return len(_mark(context))


def _mark(context: Context) -> list[OverdueItem]:
    days = [
        {"company": company.id, "today": str(context.clock.today(company.data.timezone))}
        for company in configuration(context).every(Company)
    ]
    rows = context.work.read(_DUE, days=json_text(days), limit=MARKED_PER_TRANSACTION)
    found = [orjson.loads(row[0]) for row in rows]
    marked = []
    by_document = sorted(found, key=lambda one: str(one["document"]["id"]))
    for _, each in groupby(by_document, key=lambda one: str(one["document"]["id"])):
        of_document = list(each)
        document = documents.change(context, from_json(of_document[0]["document"]))
        data = document.read(InvoiceData)
        marked += [_marked(context, document, data, one) for one in of_document]
    return sorted(marked, key=lambda item: (item.due_date, str(item.document.code), item.instalment))


def _marked(context: Context, document: documents.Document, data: InvoiceData, one: dict[str, Any]) -> OverdueItem:
    item, on = read_item(one["item"]), dt.date.fromisoformat(one["on"])
    row = {"open_item_id": item.id, "document_id": document.id, "due_date": item.due_date, "marked_on": on}
    context.work.append(_OVERDUE_ITEM, [row])
    unit = quantum(item.currency)
    told = InvoiceOverdue(
        id=document.id,
        number=str(document.number),
        customer=data.customer,
        open_item_id=item.id,
        instalment=item.instalment,
        due_date=item.due_date,
        days_overdue=(on - item.due_date).days,
        currency=item.currency,
        amount=item.amount.quantize(unit),
        amount_due=item.open.quantize(unit),
        document_type=None if document.type == "invoice" else document.type,
    )
    context.emit(told, document)
    return OverdueItem(
        open_item_id=item.id,
        document=Ref(id=document.id, code=str(document.number)),
        type=document.type,
        customer=data.customer,
        instalment=item.instalment,
        due_date=item.due_date,
        currency=item.currency,
        amount_due=item.open.quantize(unit),
    )
