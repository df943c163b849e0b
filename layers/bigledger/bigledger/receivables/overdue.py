"""Items of customers past their due date: each is told of once, whoever runs it and however often."""

import datetime as dt
from uuid import UUID

from bigledger.kernel import Amount, Answer, Command, Conflict, Context, Ref, database
from bigledger.kernel.money import quantum
from bigledger.ledger import MARKED_PER_TRANSACTION, PastDue, mark_past_due, overdue_table
from bigledger.receivables.model import InvoiceData
from bigledger.receivables.reminder_events import InvoiceOverdue

_TOLD = overdue_table("receivables.overdue_item")

database.constraint("overdue_told_once", lambda: Conflict("Another run marked these items meanwhile; run it again."))


class MarkOverdue(Command):
    """Marks what is overdue today in each company's time zone; it takes nothing else."""


class OverdueItem(Answer):
    """An item that was marked: an instalment of an invoice or debit note, and what is open of it.

    Or one that an entry opened, as opening balances do: ``reference`` is the number that the customer knows it by.
    """

    open_item_id: UUID
    document: Ref
    reference: str | None = None
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
    types = ("invoice", "debit_note", "journal_entry")
    items = [_told(context, one) for one in mark_past_due(context, "receivable", types, _TOLD)]
    return sorted(items, key=lambda item: (item.due_date, str(item.document.code), item.instalment))


def _told(context: Context, one: PastDue) -> OverdueItem:
    """Tell of an item; a customer is called as it was when the invoice was made."""
    document, item = one.document, one.item
    customer = one.party if document.type == "journal_entry" else document.read(InvoiceData).customer
    unit = quantum(item.currency)
    told = InvoiceOverdue(
        id=document.id,
        number=item.reference or str(document.number),
        customer=customer,
        open_item_id=item.id,
        instalment=item.instalment,
        due_date=item.due_date,
        days_overdue=one.days,
        currency=item.currency,
        amount=item.amount.quantize(unit),
        amount_due=item.open.quantize(unit),
        document_type=None if document.type == "invoice" else document.type,
    )
    context.emit(told, document)
    return OverdueItem(
        open_item_id=item.id,
        document=Ref(id=document.id, code=str(document.number)),
        reference=item.reference,
        type=document.type,
        customer=customer,
        instalment=item.instalment,
        due_date=item.due_date,
        currency=item.currency,
        amount_due=item.open.quantize(unit),
    )
