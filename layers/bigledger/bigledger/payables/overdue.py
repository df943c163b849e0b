"""Items owed to suppliers past their due date: each is told of once, whoever runs it and however often."""

import datetime as dt
from uuid import UUID

from bigledger.kernel import Amount, Answer, Command, Conflict, Context, Ref, database
from bigledger.kernel.money import quantum
from bigledger.ledger import MARKED_PER_TRANSACTION, PastDue, mark_past_due, overdue_table
from bigledger.payables.events import BillOverdue
from bigledger.payables.model import BillData

_TOLD = overdue_table("payables.overdue_item")

database.constraint(
    "bill_overdue_told_once", lambda: Conflict("Another run marked these items meanwhile; run it again.")
)


class MarkOverdueBills(Command):
    """Marks what is overdue today in each company's time zone; it takes nothing else."""


class OverdueBill(Answer):
    """An item that was marked: an instalment of a bill, or one that an entry opened, as opening balances do.

    ``supplier_number`` is what the supplier knows it by. Amounts are in ``currency`` and above zero.
    """

    open_item_id: UUID
    document: Ref
    supplier_number: str | None = None
    type: str
    supplier: Ref
    instalment: int
    due_date: dt.date
    currency: str
    amount_due: Amount


class OverdueBillsMarked(Answer):
    """What a run marked; ``more`` says that there is more than one run takes."""

    marked: int
    more: bool
    items: list[OverdueBill]
    events: list[str]


def mark(command: MarkOverdueBills, context: Context) -> OverdueBillsMarked:
    """Mark what is overdue, the longest overdue first."""
    items = _mark(context)
    return OverdueBillsMarked(
        marked=len(items),
        more=len(items) == MARKED_PER_TRANSACTION,
        items=items,
        events=[event.type for event, _ in context.work.events],
    )


def mark_due_bills(context: Context) -> int:
    """Mark the tenant's overdue items, as many as one transaction takes; answers how many."""
    return len(_mark(context))


def _mark(context: Context) -> list[OverdueBill]:
    items = [_told(context, one) for one in mark_past_due(context, "payable", ("bill", "journal_entry"), _TOLD)]
    return sorted(items, key=lambda item: (item.due_date, str(item.document.code), item.instalment))


def _told(context: Context, one: PastDue) -> OverdueBill:
    """Tell of an item; a supplier is called as it was when the bill was entered."""
    document, item = one.document, one.item
    supplier, number = one.party, item.reference
    if document.type == "bill":
        data = document.read(BillData)
        supplier, number = data.supplier, data.supplier_number
    unit = quantum(item.currency)
    told = BillOverdue(
        id=document.id,
        number=str(document.number),
        supplier=supplier,
        supplier_number=number,
        open_item_id=item.id,
        instalment=item.instalment,
        due_date=item.due_date,
        days_overdue=one.days,
        currency=item.currency,
        amount=-item.amount.quantize(unit),
        amount_due=-item.open.quantize(unit),
        document_type=None if document.type == "bill" else document.type,
    )
    context.emit(told, document)
    return OverdueBill(
        open_item_id=item.id,
        document=Ref(id=document.id, code=str(document.number)),
        supplier_number=number,
        type=document.type,
        supplier=supplier,
        instalment=item.instalment,
        due_date=item.due_date,
        currency=item.currency,
        amount_due=-item.open.quantize(unit),
    )
