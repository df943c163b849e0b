"""The life of a credit note: created alone or from its invoice, posted, allocated to that invoice, voided."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bigledger.inventory import OpenReservation
from bigledger.kernel import (
    Conflict,
    Context,
    Document,
    Entry,
    FieldError,
    Page,
    Table,
    configuration,
    documents,
    listing,
)
from bigledger.kernel.money import nothing
from bigledger.ledger import (
    ORIGINAL,
    REVERSAL,
    DatedTooEarly,
    DueInstalment,
    JournalLine,
    Posting,
    Settled,
    check_not_reduced,
    check_open,
    credited_lines,
    difference_lines,
    open_items,
    post,
    reduce_deferrals,
    reversed_lines,
    settled_lines,
    shown,
    shown_entries,
    value,
    void_day,
)
from bigledger.receivables import credit_queries as queries
from bigledger.receivables import credit_stock
from bigledger.receivables.cash_taxes import credit_taxes
from bigledger.receivables.credit_model import (
    CreditedLine,
    CreditInvoice,
    CreditNote,
    CreditNoteData,
    CreditNoteList,
    CreditNoteReference,
    CreditNoteSummary,
    NewCreditNote,
    VoidCreditNote,
)
from bigledger.receivables.crediting import credit_data
from bigledger.receivables.drafting import as_command, work_out
from bigledger.receivables.events import CreditNoteCreated, CreditNoteFact, CreditNotePosted, CreditNoteVoided
from bigledger.receivables.matching import settle_invoice, tell_settled
from bigledger.receivables.model import InvoiceData, NewInvoice, links
from bigledger.receivables.posting import journal_lines
from bigledger.receivables.taking_back import take_back
from bigledger.receivables.tax_facts import record_invoice_taxes
from bigledger.records import Account, Company, company_of, number_for

_CREDITED_LINE = Table(
    "receivables.credited_line", ("document_id", "entry", "invoice_id", "line", "quantity", "invoiced")
)


def create(new: NewCreditNote, context: Context) -> CreditNote:
    """Create a credit note that stands alone, its prices and taxes worked out as an invoice's."""
    given = new.model_dump(include=NewInvoice.model_fields.keys() - {"items"}, exclude_unset=True)
    sale = NewInvoice.model_construct(**given | {"draft": True, "items": new.items})
    data = _alone(work_out(sale, context, early=False).data, new.reason)
    document = _drafted(context, data, new.id, new.metadata)
    if new.draft:
        return _told(context, document, data, CreditNoteCreated)
    return _post(context, document, data, None, CreditNoteCreated)


def credit(command: CreditInvoice, context: Context) -> CreditNote:
    """Credit an invoice wholly or in part, from its own lines.

    Raises StaleVersion, OverCredited, Conflict, DatedTooEarly.
    """
    invoice = queries.invoice(context, command.id)
    documents.check_version(context, invoice.document)
    company = company_of(context, str(invoice.document.company_id))
    on = command.date or context.clock.today(company.data.timezone)
    data = _of_invoice(command, invoice, on)
    document = _drafted(context, data, None, command.metadata)
    if command.draft:
        return _told(context, document, data, CreditNoteCreated)
    return _post(context, document, data, invoice, CreditNoteCreated)


def issue(reference: CreditNoteReference, context: Context) -> CreditNote:
    """Post a draft: what it credits of its invoice is worked out again, prices stay as they were drafted."""
    stored = queries.effects(context, "credit_note", reference.id)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("draft",), "posted")
    data = queries.data_of(document)
    invoice = None
    if data.invoice is not None:
        invoice = queries.invoice(context, str(data.invoice.id))
        lines = [CreditedLine(line=item.origin_line or 0, quantity=item.quantity) for item in data.items]
        command = CreditInvoice(
            id=str(data.invoice.id),
            reason=data.reason,
            lines=lines,
            reference=data.reference,
            release_reservation=data.release_reservation is not False,
        )
        data = _of_invoice(command, invoice, data.date)
    else:
        command_again = as_command(document.id, data, document.metadata, all_prices=True)
        data = _alone(work_out(command_again, context, early=False).data, data.reason)
    documents.change(context, document, total=data.total)
    return _post(context, document, data, invoice, CreditNotePosted, stored.events)


def void(command: VoidCreditNote, context: Context) -> CreditNote:
    """Void a credit note: what it settled is open again, what it credited can be credited again, its stock is held.

    Raises Allocated, Conflict, DatedTooEarly, InvalidRequest, PeriodClosed, InsufficientStock.
    """
    stored = queries.effects(context, "credit_note", command.id)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("draft", "issued", "partially_settled", "settled"), "voided")
    data = queries.data_of(document)
    company = company_of(context, str(data.company.id))
    on = void_day(context, document, company, command.date)
    previous, entries = document.status, list(stored.entries)
    if previous != "draft":
        check_not_reduced(document.number, stored.reduced)
        entries = take_back(context, stored, company, "sales", on, data.customer)
        _count_lines(context, document, data, None, Decimal(-1), REVERSAL)
    data = data.model_copy(update={"void_reason": command.reason, "voided_on": on})
    if previous != "draft":
        record_invoice_taxes(context, document, data, "sale_credit", reverse=True)
    documents.change(context, document, status="void", data=data)
    more = {"voided_on": on, "void_reason": command.reason, "previous_status": previous}
    answer = _told(context, document, data, CreditNoteVoided, shown_entries(entries), stored.events, **more)
    for invoice in stored.invoices if previous != "draft" else ():
        if data.invoice is not None and invoice.id == data.invoice.id:
            credit_stock.hold_again(context, document, invoice, company, data)
    return answer.model_copy(update={"events": [*stored.events, *(each.type for each, _ in context.work.events)]})


def get(reference: CreditNoteReference, context: Context) -> CreditNote:
    """One credit note by id or number; one statement. Raises NotFound."""
    stored = queries.effects(context, "credit_note", reference.id)
    left = -sum((item.open for item in stored.items), Decimal(0))
    return _answer(
        stored.document, queries.data_of(stored.document), shown_entries(stored.entries), stored.events, left
    )


def list_all(query: CreditNoteList, context: Context) -> Page[CreditNoteSummary]:
    """A page of credit notes, newest first unless sorted."""
    part = listing.part_of(CreditNoteSummary, CreditNoteData)
    found, following = listing.page(context, "credit_note", query, beside=queries.AMOUNT_LEFT, part=part)
    summaries = [
        CreditNoteSummary(**_summary(one.document, one.document.read(part), Decimal(one.beside or 0))) for one in found
    ]
    return Page[CreditNoteSummary](data=summaries, next_cursor=following)


def _alone(data: InvoiceData, reason: str) -> CreditNoteData:
    return CreditNoteData(**dict(data), reason=reason, unallocated=nothing(data.currency))


def _of_invoice(command: CreditInvoice, invoice: queries.CreditableInvoice, on: dt.date) -> CreditNoteData:
    document = invoice.document
    if document.status not in ("issued", "partially_paid", "paid"):
        raise Conflict(
            f"This invoice is {document.status.replace('_', ' ')}. Only one that is issued can be credited.",
            document_status=document.status,
        )
    if document.date is not None and on < document.date:
        raise DatedTooEarly(
            f"{document.number} is dated {document.date}, so it is not credited on {on}. Choose that day or later.",
            errors=[FieldError("/date", "dated_too_early", f"choose {document.date} or a later day")],
        )
    data = document.read(InvoiceData)
    return credit_data(command, str(document.number), document.id, data, invoice.credited, on)


def _drafted(context: Context, data: CreditNoteData, id: Any, metadata: Mapping[str, str]) -> Document:
    document = Document(
        id=id or context.new_id(),
        type="credit_note",
        status="draft",
        data=data,
        company_id=data.company.id,
        party_id=data.customer.id,
        date=data.date,
        currency=data.currency,
        total=data.total,
        metadata=dict(metadata),
    )
    return documents.create(context, document)


def _post(
    context: Context,
    document: Document,
    data: CreditNoteData,
    invoice: queries.CreditableInvoice | None,
    event: type[CreditNoteFact],
    before: list[str] | None = None,
) -> CreditNote:
    """Number and post it, settle its invoice as far as that is open, and keep the rest in the customer's favour."""
    company = company_of(context, str(data.company.id))
    check_open(context, company, "sales", data.date)
    settled = [Settled(invoice.document, list(invoice.items))] if invoice else []
    for one in settled:
        one.take(min(one.open, data.total))
    settled = [one for one in settled if one.shares]
    shares = [share for one in settled for share in one.shares]
    left = data.total - sum((share.amount for share in shares), Decimal(0))
    left_in_base = value(shares, left, data.base_total, company.data.currency)
    document.number = number_for(context, "credit_note", company, data.date)
    answered = [settle_invoice(context, document, one, data.date, "credit") for one in settled]
    if invoice is not None:
        if not settled:
            context.work.link(invoice.document.id, document.id, "credit")
        _count_lines(context, document, data, invoice, Decimal(1), ORIGINAL)
    freed = _freed(invoice, data) if invoice else []
    data = data.model_copy(
        update={
            "allocations": answered,
            "unallocated": left + nothing(data.currency),
            "stock_released": credit_stock.shown(freed),
        }
    )
    status = "settled" if not left else "partially_settled" if settled else "issued"
    document.status, document.data, document.posted_at = status, data, context.now
    lines = _lines(context, company, data, settled, left, left_in_base)
    if lines:
        post(context, document, company, "sales", data.date, lines)
    record_invoice_taxes(context, document, data, "sale_credit")
    credit_taxes(context, document, data, settled, left)
    receivable = configuration(context).get(Account, data.accounts.receivable)
    if invoice is not None:
        reduce_deferrals(context, document, invoice.deferred, _credited(invoice, data), data.date)
    opened = [DueInstalment(due_date=data.date, amount=-left)] if left else []
    open_items(context, document, "receivable", receivable, opened, [-left_in_base] if left else [])
    answer = _told(context, document, data, event, shown(lines), before)
    tell_settled(context, document, data.customer, settled, answered)
    if invoice is not None:
        credit_stock.free(context, document, invoice.document, freed)
    return answer.model_copy(update={"events": [*(before or []), *(each.type for each, _ in context.work.events)]})


def _freed(invoice: queries.CreditableInvoice, data: CreditNoteData) -> list[OpenReservation]:
    whole = invoice.document.read(InvoiceData)
    return credit_stock.given_back(whole, invoice.credited, invoice.reservations, data)


def _credited(invoice: queries.CreditableInvoice, data: CreditNoteData) -> dict[int, tuple[Decimal, Decimal]]:
    """What is credited of the lines of the invoice's posting: after the receivable, one for each item that costs."""
    whole = invoice.document.read(InvoiceData)
    parts = data.base.items if data.base else [item.net for item in data.items]
    in_base = whole.base.items if whole.base else [item.net for item in whole.items]
    credited = [(item.origin_line, part) for item, part in zip(data.items, parts, strict=True)]
    return credited_lines(2, [item.net for item in whole.items], in_base, credited)


def _lines(
    context: Context,
    company: Entry[Company],
    data: CreditNoteData,
    settled: list[Settled],
    left: Decimal,
    left_in_base: Decimal,
) -> list[JournalLine]:
    """Revenue and taxes given back, against the items of the invoice and what is left in the customer's favour."""
    given_back = [line for line in reversed_lines(journal_lines(context, data)) if line.party_id is None]
    text = f"Credit for {data.invoice.code}" if data.invoice else data.reason
    lines = given_back + settled_lines(context, settled, data.currency, data.customer.id, text)
    if left:
        account = configuration(context).get(Account, data.accounts.receivable)
        lines.append(JournalLine(account, -left, data.currency, -left_in_base, party_id=data.customer.id, text=text))
    return lines + difference_lines(context, company, settled, data.currency, data.customer.id)


def _count_lines(
    context: Context,
    document: Document,
    data: CreditNoteData,
    invoice: queries.CreditableInvoice | None,
    sign: Decimal,
    entry: int,
) -> None:
    """Stage what is credited of the invoice's lines, or taken back; the database holds it against what was invoiced."""
    if data.invoice is None:
        return
    invoiced = {item.line: item.quantity for item in invoice.document.read(InvoiceData).items} if invoice else {}
    context.work.append(
        _CREDITED_LINE,
        [
            {
                "document_id": document.id,
                "entry": entry,
                "invoice_id": data.invoice.id,
                "line": item.origin_line,
                "quantity": item.quantity * sign,
                "invoiced": invoiced.get(item.origin_line or 0, item.quantity),
            }
            for item in data.items
        ],
    )


def _told(
    context: Context,
    document: Document,
    data: CreditNoteData,
    event: type[CreditNoteFact],
    posting: Posting | None = None,
    before: list[str] | None = None,
    **more: Any,
) -> CreditNote:
    fields = {name: getattr(data, name) for name in event.model_fields if hasattr(data, name)}
    told = fields | {"id": document.id, "number": document.number, "status": document.status} | more
    context.emit(event(**told), document)
    events = [*(before or []), *(each.type for each, _ in context.work.events)]
    left = data.unallocated if document.status != "void" else Decimal(0)
    return _answer(document, data, posting or Posting(lines=[]), events, left)


def _summary(document: Document, data: CreditNoteData, left: Decimal) -> dict[str, Any]:
    fields = {name: getattr(data, name) for name in CreditNoteSummary.model_fields if hasattr(data, name)}
    return fields | {
        "id": document.id,
        "number": document.number,
        "status": document.status,
        "version": document.version,
        "amount_left": left + nothing(data.currency),
    }


def _answer(document: Document, data: CreditNoteData, posting: Posting, events: list[str], left: Decimal) -> CreditNote:
    fields = {name: getattr(data, name) for name in CreditNote.model_fields if hasattr(data, name)}
    return CreditNote(
        **fields
        | _summary(document, data, left)
        | {
            "posting": posting,
            "events": events,
            "links": links("credit-notes", document.id),
            "metadata": document.metadata,
        }
    )
