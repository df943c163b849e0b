"""What every document that settles does to bills and supplier credits: settlements, status, link, and what is told."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from bigledger.kernel import Conflict, Context, Document, Entry, Ref, documents
from bigledger.kernel.money import quantum
from bigledger.ledger import (
    REVERSAL,
    JournalEntry,
    OpenItem,
    Settled,
    check_open,
    post,
    read_item,
    reversed_lines,
    settle,
)
from bigledger.payables.events import (
    BillPaid,
    BillPartiallyPaid,
    BillReopened,
    ExpenseClaimReimbursed,
    ExpenseClaimReopened,
    SupplierCreditReopened,
    SupplierCreditSettled,
)
from bigledger.payables.model import BillData
from bigledger.payables.payment_model import SettledBill
from bigledger.payables.settling_queries import Effects
from bigledger.records import Area, Company
from bigledger.tax import take_back_taxes

_STATUSES = {
    "bill": ("posted", "partially_paid", "paid"),
    "supplier_credit": ("posted", "partially_settled", "settled"),
    "expense_claim": ("approved", "partially_reimbursed", "reimbursed"),
}
"""The statuses of a document by what is settled of it: nothing, a part, all."""


class AdvanceUsed(Conflict):
    """What a payment or a supplier credit left over went to something since, so it cannot be taken back."""

    title = "What was left over is used"


def settle_document(context: Context, by: Document, one: Settled, on: dt.date, kind: str) -> SettledBill:
    """Stage the settlements of one document, its new status and its link of a kind to what settles it."""
    settle(context, by, on, [(share.item.id, share.amount, share.base_amount) for share in one.shares])
    # The currency of the items: an entry by hand has that of the books, whatever its lines are in.
    document, unit = one.document, quantum(one.items[0].currency)
    left = abs(one.open - one.amount).quantize(unit)
    if statuses := _STATUSES.get(document.type):
        documents.change(context, document, status=statuses[1] if left else statuses[2])
    context.work.link(document.id, by.id, kind)
    return SettledBill(
        document=Ref(id=document.id, code=document.number or str(document.id)),
        type=document.type,
        amount=abs(one.amount).quantize(unit),
        amount_due=left,
        status=document.status,
        discount=abs(one.discount).quantize(unit) if one.discount else None,
        exchange_difference=one.difference or None,
    )


def tell_settled(
    context: Context, by: Document, supplier: Ref, settled: Iterable[Settled], answered: Iterable[SettledBill]
) -> None:
    """Emit of each bill what is paid of it, and of each supplier credit what is left of it."""
    for one, answer in zip(settled, answered, strict=True):
        document = one.document
        told = _told(document, by, supplier, answer.amount)
        if document.type == "bill":
            event = BillPartiallyPaid if answer.amount_due else BillPaid
            context.emit(event(**told, amount_due=answer.amount_due), document)
        elif document.type == "expense_claim":
            context.emit(ExpenseClaimReimbursed(**told, amount_due=answer.amount_due), document)
        elif document.type == "supplier_credit":
            context.emit(SupplierCreditSettled(**told, amount_left=answer.amount_due), document)


def take_back(
    context: Context, stored: Effects, company: Entry[Company], area: Area, on: dt.date, supplier: Ref
) -> list[JournalEntry]:
    """Stage the reversal of all that a posted document did; answers its entries with the new one.

    Raises AdvanceUsed where what it left open was used since, PeriodClosed.
    """
    document = stored.document
    check_open(context, company, area, on)
    used = sum((item.settled for item in stored.items), Decimal(0))
    if used:
        raise AdvanceUsed(
            f"{abs(used)} {document.currency} of what {document.number} left over went to other documents since. Take"
            " that back first.",
            used=str(abs(used)),
        )
    settle(context, document, on, [(item.id, item.amount, item.base_amount) for item in stored.items])
    taken = [(read_item(row), Decimal(row["by"]), Decimal(row["base_by"])) for row in stored.settled]
    settle(context, document, on, [(item.id, -amount, -base) for item, amount, base in taken])
    take_back_taxes(context, document, on, stored.entries)
    parts = [(item, amount) for item, amount, _ in taken]
    reopen_settled(context, document, stored.others, parts, stored.opened, supplier)
    if not stored.entries:
        return []
    reversal = JournalEntry(REVERSAL, on, reversed_lines(stored.entries[0].lines))
    post(context, document, company, area, on, reversal.lines, entry=REVERSAL)
    return [*stored.entries, reversal]


def reopen_settled(
    context: Context,
    by: Document,
    others: Iterable[Document],
    taken: Sequence[tuple[OpenItem, Decimal]],
    opened: Sequence[OpenItem],
    supplier: Ref,
) -> None:
    """Give the documents whose settlements are taken back the status that follows, and tell.

    ``taken`` is what is taken back of which item, ``opened`` are all items of these documents as they stood before.
    """
    for other in others:
        amount = sum((part for item, part in taken if item.document_id == other.id), Decimal(0))
        open_ = sum((item.open for item in opened if item.document_id == other.id), Decimal(0))
        _reopen(context, by, other, amount, open_ + amount, supplier)


def _reopen(context: Context, by: Document, other: Document, amount: Decimal, open_: Decimal, supplier: Ref) -> None:
    """Give a bill or a supplier credit the status that follows from what is open of it again, and tell."""
    statuses = _STATUSES.get(other.type)
    if statuses is None or not amount:
        return
    unit = quantum(str(other.currency))
    left = abs(open_).quantize(unit)
    documents.change(context, other, status=statuses[0] if left == _whole(other) else statuses[1])
    told = _told(other, by, supplier, abs(amount).quantize(unit))
    if other.type == "bill":
        context.emit(BillReopened(**told, amount_due=left), other)
    elif other.type == "expense_claim":
        context.emit(ExpenseClaimReopened(**told, amount_due=left), other)
    else:
        context.emit(SupplierCreditReopened(**told, amount_left=left), other)


def _whole(document: Document) -> Decimal | None:
    """What a document comes to when nothing of it is settled."""
    return document.total if document.type == "expense_claim" else document.read(BillData).payable


def _told(document: Document, by: Document, supplier: Ref, amount: Decimal) -> dict[str, Any]:
    return {
        "id": document.id,
        "number": str(document.number),
        "supplier": supplier,
        "currency": str(document.currency),
        "amount": amount,
        "payment_id": by.id,
    }
