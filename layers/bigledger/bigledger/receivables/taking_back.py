"""Taking back a payment or a credit note: contrary rows in the ledgers, and its invoices are open again."""

import datetime as dt
from decimal import Decimal
from typing import Any

from bigledger.kernel import Conflict, Context, Document, Entry, Ref, documents
from bigledger.kernel.money import quantum
from bigledger.ledger import REVERSAL, JournalEntry, check_open, post, read_item, reversed_lines, settle
from bigledger.receivables.credit_queries import Effects
from bigledger.receivables.events import CreditNoteReopened, DebitNoteReopened, InvoiceReopened
from bigledger.records import Area, Company
from bigledger.tax import take_back_taxes


class Allocated(Conflict):
    """What a payment or a credit note left over went to something since, so it cannot be taken back."""

    title = "What was left over is used"


def take_back(
    context: Context, stored: Effects, company: Entry[Company], area: Area, on: dt.date, customer: Ref
) -> list[JournalEntry]:
    """Stage the reversal of all that a posted document did; answers its entries with the new one.

    Raises Allocated where what it left open was used since, PeriodClosed.
    """
    document = stored.document
    check_open(context, company, area, on)
    used = sum((item.settled for item in stored.items), Decimal(0))
    if used:
        raise Allocated(
            f"{abs(used)} {document.currency} of what {document.number} left over went to other documents since. Take"
            " that back first.",
            used=str(abs(used)),
        )
    settle(context, document, on, [(item.id, item.amount, item.base_amount) for item in stored.items])
    taken = [(read_item(row), Decimal(row["by"]), Decimal(row["base_by"])) for row in stored.settled]
    settle(context, document, on, [(item.id, -amount, -base) for item, amount, base in taken])
    take_back_taxes(context, document, on, stored.entries)
    for other in stored.invoices:
        amount = sum((part for item, part, _ in taken if item.document_id == other.id), Decimal(0))
        _reopen(context, document, other, amount, _open(other, stored) + amount, customer)
    if not stored.entries:
        return []
    reversal = JournalEntry(REVERSAL, on, reversed_lines(stored.entries[0].lines))
    post(context, document, company, area, on, reversal.lines, entry=REVERSAL)
    return [*stored.entries, reversal]


def _reopen(context: Context, by: Document, other: Document, amount: Decimal, open_: Decimal, customer: Ref) -> None:
    """Give an invoice or a credit note the status that follows from what is open of it again, and tell.

    One that nothing was settled of stays as it is, as an invoice that was paid before it was credited.
    """
    if other.type not in ("invoice", "credit_note", "debit_note") or not amount:
        return
    unit = quantum(str(other.currency))
    left = abs(open_).quantize(unit)
    settled_in_part = "partially_settled" if other.type == "credit_note" else "partially_paid"
    documents.change(context, other, status="issued" if left == other.total else settled_in_part)
    told: dict[str, Any] = {
        "id": other.id,
        "number": str(other.number),
        "customer": customer,
        "currency": str(other.currency),
        "amount": abs(amount).quantize(unit),
        "payment_id": by.id,
    }
    if other.type == "invoice":
        context.emit(InvoiceReopened(**told, amount_due=left), other)
    elif other.type == "debit_note":
        context.emit(DebitNoteReopened(**told, amount_due=left), other)
    else:
        context.emit(CreditNoteReopened(**told, amount_left=left), other)


def _open(other: Document, stored: Effects) -> Decimal:
    return sum((item.open for item in stored.opened if item.document_id == other.id), Decimal(0))
