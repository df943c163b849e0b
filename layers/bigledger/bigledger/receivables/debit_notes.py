"""The life of a debit note: created alone or for lines of an invoice, posted, voided. It is paid as invoices are."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bigledger.kernel import (
    Conflict,
    Context,
    Document,
    FieldError,
    InvalidRequest,
    NotFound,
    Page,
    Ref,
    UnknownReference,
    documents,
    listing,
)
from bigledger.kernel.configuration import unknown
from bigledger.kernel.money import quantum
from bigledger.ledger import (
    REVERSAL,
    DatedTooEarly,
    JournalEntry,
    Posting,
    cancel_deferrals,
    check_open,
    post,
    reversed_lines,
    settle,
    shown_entries,
    void_day,
)
from bigledger.receivables import credit_queries as queries
from bigledger.receivables.answers import columns
from bigledger.receivables.debit_model import (
    ChargedLine,
    DebitNote,
    DebitNoteData,
    DebitNoteList,
    DebitNoteReference,
    DebitNoteSummary,
    NewDebitNote,
    VoidDebitNote,
)
from bigledger.receivables.drafting import as_command, work_out
from bigledger.receivables.events import DebitNoteCreated, DebitNoteFact, DebitNotePosted, DebitNoteVoided
from bigledger.receivables.invoicing import InvoiceSettled
from bigledger.receivables.model import InvoiceData, NewInvoice, NewItem, links
from bigledger.receivables.posting import issue_document
from bigledger.receivables.queries import AMOUNT_DUE
from bigledger.receivables.tax_facts import record_invoice_taxes
from bigledger.records import company_of
from bigledger.tax import take_back_taxes

TYPE = "debit_note"


def create(new: NewDebitNote, context: Context) -> DebitNote:
    """Create a debit note, posted unless it is a draft.

    Raises UnknownReference, Conflict for an invoice that is not issued, DatedTooEarly, PeriodClosed, and what
    ``work_out`` raises.
    """
    invoice = _invoice(context, new.invoice) if new.invoice else None
    sale = _of_invoice(new, invoice, context) if invoice else _alone(new)
    origin = Ref(id=invoice.id, code=str(invoice.number)) if invoice else None
    data = DebitNoteData(**dict(work_out(sale, context).data), reason=new.reason, invoice=origin)
    document = Document(
        id=new.id or context.new_id(),
        type=TYPE,
        status="draft",
        data=data,
        metadata=dict(new.metadata),
        **columns(data),
    )
    documents.create(context, document)
    if invoice:
        context.work.link(invoice.id, document.id, "debit")
    posting = Posting(lines=[]) if new.draft else _post(context, document, data)
    return _told(context, document, DebitNoteCreated, posting, [])


def issue(reference: DebitNoteReference, context: Context) -> DebitNote:
    """Post a draft; its prices stay as they were drafted, taxes and due dates are worked out again."""
    stored = queries.effects(context, TYPE, reference.id)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("draft",), "posted")
    before = document.read(DebitNoteData)
    again = work_out(as_command(document.id, before, document.metadata, all_prices=True), context).data
    kept = {"agreed_prices": before.agreed_prices, "price_list": before.price_list}
    data = DebitNoteData(**dict(again) | kept, reason=before.reason, invoice=before.invoice)
    documents.change(context, document, data=data, **columns(data))
    return _told(context, document, DebitNotePosted, _post(context, document, data), stored.events)


def void(command: VoidDebitNote, context: Context) -> DebitNote:
    """Void a debit note that nothing was paid on: its entry is reversed, its items closed.

    Raises InvoiceSettled, Conflict, DatedTooEarly, InvalidRequest, PeriodClosed.
    """
    stored = queries.effects(context, TYPE, command.id)
    document = stored.document
    documents.check_version(context, document)
    data = document.read(DebitNoteData)
    settled = sum((item.settled for item in stored.items), Decimal(0))
    if settled and document.status in ("partially_paid", "paid"):
        raise InvoiceSettled(
            f"{settled} {data.currency} of debit note {document.number} are paid. Take back what settles it first.",
            settled=str(settled),
        )
    unpaid = () if data.total else ("paid",)
    documents.check_status(document, ("draft", "issued", *unpaid), "voided")
    company = company_of(context, str(data.company.id))
    on, previous = void_day(context, document, company, command.date), document.status
    entries = list(stored.entries)
    data = data.model_copy(update={"void_reason": command.reason, "voided_on": on})
    documents.change(context, document, status="void", data=data)
    if entries:
        check_open(context, company, "sales", on)
        entries.append(JournalEntry(REVERSAL, on, reversed_lines(entries[0].lines)))
        post(context, document, company, "sales", on, entries[-1].lines, entry=REVERSAL)
        settle(context, document, on, [(item.id, item.amount, item.base_amount) for item in stored.items])
        cancel_deferrals(context, document, stored.deferred, on)
    if document.posted_at is not None:
        record_invoice_taxes(context, document, data, "sale", reverse=True)
        take_back_taxes(context, document, on)
    more = {"voided_on": on, "void_reason": command.reason, "previous_status": previous}
    return _told(context, document, DebitNoteVoided, shown_entries(entries), stored.events, **more)


def get(reference: DebitNoteReference, context: Context) -> DebitNote:
    """One debit note by id or number; one statement. Raises NotFound."""
    stored = queries.effects(context, TYPE, reference.id)
    due = sum((item.open for item in stored.items), Decimal(0))
    return _answer(stored.document, shown_entries(stored.entries), stored.events, due)


def list_all(query: DebitNoteList, context: Context) -> Page[DebitNoteSummary]:
    """A page of debit notes, newest first unless sorted."""
    part = listing.part_of(DebitNoteSummary, DebitNoteData)
    found, following = listing.page(context, TYPE, query, beside=AMOUNT_DUE, part=part)
    summaries = [
        DebitNoteSummary(**_summary(one.document, one.document.read(part), Decimal(one.beside or 0))) for one in found
    ]
    return Page[DebitNoteSummary](data=summaries, next_cursor=following)


def _invoice(context: Context, reference: str) -> Document:
    """The invoice that is charged further."""
    try:
        document = documents.get(context, "invoice", reference)
    except NotFound:
        raise UnknownReference(
            f"There is no invoice {reference}.", errors=[unknown("invoice", reference, "/invoice")]
        ) from None
    if document.status not in ("issued", "partially_paid", "paid"):
        raise Conflict(
            f"This invoice is {document.status.replace('_', ' ')}. Only one that is issued can be charged further.",
            document_status=document.status,
        )
    return document


def _alone(new: NewDebitNote) -> NewInvoice:
    fields = new.model_dump(include=NewInvoice.model_fields.keys() - {"items"}, exclude_unset=True)
    return NewInvoice.model_construct(**fields | {"draft": True, "items": new.items})


def _of_invoice(new: NewDebitNote, invoice: Document, context: Context) -> NewInvoice:
    """The sale that charges further for lines of an invoice. Raises InvalidRequest, DatedTooEarly."""
    data = invoice.read(InvoiceData)
    on = new.date or context.clock.today(company_of(context, str(data.company.id)).data.timezone)
    if on < data.date:
        raise DatedTooEarly(
            f"{invoice.number} is dated {data.date}, so it is not charged further on {on}. Choose that day or later.",
            errors=[FieldError("/date", "dated_too_early", f"choose {data.date} or a later day")],
        )
    return NewInvoice.model_construct(
        customer=data.customer.code,
        items=_items(new.lines or [], data),
        company=data.company.code,
        date=on,
        currency=data.currency,
        exchange_rate=data.base.exchange_rate if data.base and data.base.agreed else None,
        payment_terms=new.payment_terms,
        ship_to=data.ship_to,
        location=data.location,
        draft=True,
        reference=new.reference,
    )


def _items(lines: Sequence[ChargedLine], invoice: InvoiceData) -> list[NewItem]:
    known = {item.line: item for item in invoice.items}
    errors = [
        FieldError(f"/lines/{index}/line", "unknown_line", f"the invoice has no line {line.line}")
        for index, line in enumerate(lines)
        if line.line not in known
    ]
    if errors:
        raise InvalidRequest("Some lines are not on the invoice.", errors=errors)
    return [
        NewItem.model_construct(
            product=known[line.line].product.code,
            quantity=line.quantity or known[line.line].quantity,
            unit_price=line.unit_price,
            discount_percent=None,
            description=line.description or known[line.line].description,
        )
        for line in lines
    ]


def _post(context: Context, document: Document, data: DebitNoteData) -> Posting:
    company = company_of(context, str(data.company.id))
    check_open(context, company, "sales", data.date)
    return issue_document(context, document, data, company)


def _told(
    context: Context, document: Document, event: type[DebitNoteFact], posting: Posting, before: list[str], **more: Any
) -> DebitNote:
    data = document.read(DebitNoteData)
    fields = {name: getattr(data, name) for name in event.model_fields if hasattr(data, name)}
    told = fields | {"id": document.id, "number": document.number, "status": document.status} | more
    context.emit(event(**told), document)
    due = data.total if document.status == "issued" else Decimal(0)
    events = [*before, *(each.type for each, _ in context.work.events)]
    return _answer(document, posting, events, due)


def _summary(document: Document, data: DebitNoteData, due: Decimal) -> dict[str, Any]:
    fields = {name: getattr(data, name) for name in DebitNoteSummary.model_fields if hasattr(data, name)}
    return fields | {
        "id": document.id,
        "number": document.number,
        "status": document.status,
        "version": document.version,
        "amount_due": due.quantize(quantum(data.currency)),
    }


def _answer(document: Document, posting: Posting, events: list[str], due: Decimal) -> DebitNote:
    data = document.read(DebitNoteData)
    fields = {name: getattr(data, name) for name in DebitNote.model_fields if hasattr(data, name)}
    shown = {"posting": posting, "events": events, "links": links("debit-notes", document.id)}
    return DebitNote(**fields | _summary(document, data, due) | shown | {"metadata": document.metadata})
