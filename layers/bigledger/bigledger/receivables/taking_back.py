"""Taking back a payment or a credit note: contrary rows in the ledgers, and its invoices are open again."""

import datetime as dt
from decimal import Decimal

from bigledger.kernel import Conflict, Context, Document, Entry, FieldError, InvalidRequest, Ref, documents
from bigledger.kernel.money import quantum
from bigledger.ledger import REVERSAL, DatedTooEarly, JournalEntry, check_open, post, reversed_lines, settle
from bigledger.receivables.credit_queries import Effects
from bigledger.receivables.events import InvoiceReopened
from bigledger.receivables.posting import expose
from bigledger.receivables.settling import read_item
from bigledger.records import Area, Company


class Allocated(Conflict):
    """What a payment or a credit note left over went to something since, so it cannot be taken back."""

    title = "What was left over is used"


def void_day(context: Context, document: Document, company: Entry[Company], on: dt.date | None) -> dt.date:
    """The accounting date of a void: the document's own unless given, not before it and not in the future.

    Raises DatedTooEarly, InvalidRequest.
    """
    dated = document.date or context.clock.today(company.data.timezone)
    if on is None:
        return dated
    if on < dated:
        raise DatedTooEarly(
            f"The void is dated {on}, but {document.number} is dated {dated}. Void it on that day or later.",
            errors=[FieldError("/date", "dated_too_early", f"choose {dated} or a later day")],
        )
    latest = max(dated, context.clock.today(company.data.timezone))
    if on > latest:
        raise InvalidRequest(
            f"A void counts at once, so it cannot be dated {on}. The latest day is {latest}.",
            errors=[FieldError("/date", "in_the_future", f"choose {latest} or an earlier day")],
        )
    return on


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
    for invoice in stored.invoices:
        own = [(item, amount) for item, amount, _ in taken if item.document_id == invoice.id]
        amount = sum((part for _, part in own), Decimal(0))
        settled_before = invoice.total - _due(invoice, stored) if invoice.total is not None else Decimal(0)
        status = "issued" if settled_before == amount else "partially_paid"
        documents.change(context, invoice, status=status)
        due = _due(invoice, stored) + amount
        unit = quantum(str(invoice.currency))
        context.emit(
            InvoiceReopened(
                id=invoice.id,
                number=str(invoice.number),
                customer=customer,
                currency=str(invoice.currency),
                amount=amount.quantize(unit),
                amount_due=due.quantize(unit),
                payment_id=document.id,
            ),
            invoice,
        )
    relieved = sum((base for _, _, base in taken), Decimal(0))
    if relieved:
        expose(context, document, relieved, entry=REVERSAL)
    if not stored.entries:
        return []
    reversal = JournalEntry(REVERSAL, on, reversed_lines(stored.entries[0].lines))
    post(context, document, company, area, on, reversal.lines, entry=REVERSAL)
    return [*stored.entries, reversal]


def _due(invoice: Document, stored: Effects) -> Decimal:
    return sum((item.open for item in stored.opened if item.document_id == invoice.id), Decimal(0))
