"""The life of an invoice: created, changed as a draft, approved, issued, voided."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from bigledger.inventory import release, reserve
from bigledger.kernel import (
    Conflict,
    Context,
    Document,
    FieldError,
    InvalidRequest,
    Page,
    configuration,
    documents,
    listing,
)
from bigledger.ledger import (
    REVERSAL,
    DatedTooEarly,
    DueInstalment,
    InBase,
    JournalEntry,
    Posting,
    cancel_deferrals,
    check_open,
    post,
    reversed_lines,
    settle,
    shown_entries,
    spread,
)
from bigledger.receivables import queries
from bigledger.receivables.answers import answer, columns, fact, summary
from bigledger.receivables.drafting import Draft, as_command, work_out
from bigledger.receivables.early_payment import due_instalments
from bigledger.receivables.events import InvoiceCancelled, InvoiceCreated, InvoiceFact, InvoicePosted, InvoiceUpdated
from bigledger.receivables.model import (
    Approval,
    Invoice,
    InvoiceChange,
    InvoiceData,
    InvoiceHead,
    InvoiceList,
    InvoiceReference,
    InvoiceSummary,
    NewInvoice,
    VoidInvoice,
)
from bigledger.receivables.posting import expose, issue_document
from bigledger.receivables.tax_facts import record_invoice_taxes
from bigledger.records import PaymentTerm, company_of
from bigledger.tax import take_back_taxes
from bigledger.workflow import matching_rules, request_approval, withdraw_approvals


class InvoiceSettled(Conflict):
    """A payment has settled the invoice, wholly or in part, so it cannot be voided."""

    title = "The invoice is settled"


def create(new: NewInvoice, context: Context) -> Invoice:
    """Create an invoice: priced, taxed, reserved, credit-checked, approved or issued, posted and published."""
    return _create(new, work_out(new, context), context)[1]


def make(new: NewInvoice, draft: Draft, context: Context) -> Document:
    """Create an invoice that was worked out; answers its document."""
    return _create(new, draft, context)[0]


def _create(new: NewInvoice, draft: Draft, context: Context) -> tuple[Document, Invoice]:
    document = Document(
        id=new.id or context.new_id(),
        type="invoice",
        status="draft",
        data=draft.data,
        metadata=dict(new.metadata),
        **columns(draft.data),
    )
    documents.create(context, document)
    if new.draft:
        return document, _staged(context, document, draft.data, InvoiceCreated, Posting(lines=[]))
    return document, _proceed(context, document, draft, InvoiceCreated)


def update(change: InvoiceChange, context: Context) -> Invoice:
    """Replace fields of a draft and work it out again; another customer brings its own terms and currency."""
    stored = queries.invoice(context, change.id)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("draft",), "changed")
    given = {name: getattr(change, name) for name in change.model_fields_set - {"id"}}
    if "metadata" in given:
        given["metadata"] = change.metadata or {}
    before = as_command(document.id, document.read(InvoiceData), document.metadata, all_prices=False)
    of_customer = {"payment_terms": None, "currency": None} if "customer" in given else {}
    of_currency = {"exchange_rate": None} if {"customer", "currency"} & given.keys() else {}
    new = before.model_copy(update=of_customer | of_currency | given)
    draft = work_out(new, context)
    documents.change(context, document, data=draft.data, metadata=dict(new.metadata), **columns(draft.data))
    return _staged(context, document, draft.data, InvoiceUpdated, Posting(lines=[]), stored.events)


def issue(reference: InvoiceReference, context: Context) -> Invoice:
    """Issue a draft: its stock, credit and approval are settled now, its prices stay as they were drafted."""
    stored = queries.invoice(context, reference.id)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("draft",), "posted")
    drafted = document.read(InvoiceData)
    command = as_command(document.id, drafted, document.metadata, all_prices=True)
    draft = work_out(command.model_copy(update={"draft": False}), context)
    origin = {"agreed_prices": drafted.agreed_prices, "price_list": drafted.price_list}
    draft = replace(draft, data=draft.data.model_copy(update=origin))
    documents.change(context, document, **columns(draft.data))
    return _proceed(context, document, draft, InvoicePosted, stored.events)


def void(command: VoidInvoice, context: Context) -> Invoice:
    """Void an invoice: a reversing entry, its open items closed, its stock and credit given back.

    Raises InvoiceSettled, Conflict for one that is void, DatedTooEarly for a day before the invoice, InvalidRequest
    for one in the future, PeriodClosed when the reversal's day takes no postings.
    """
    stored = queries.invoice(context, command.id)
    documents.check_version(context, stored.document)
    return _cancel(context, stored, command.reason, command.date)


def after_approval(
    document: Document, approved: bool, reason: str | None, on: dt.date | None, context: Context
) -> Document:
    """What an approval means for an invoice: approved, it is issued as it was approved; refused, it is void.

    ``on`` dates it anew, with its due dates; prices and taxes stay as they were approved. An invoice that is not
    waiting any more is left alone: the approval was a review. Raises DatedTooEarly, PeriodClosed.
    """
    if document.status != "pending_approval":
        return document
    stored = queries.invoice(context, str(document.id))
    documents.check_unchanged(document, stored.document)
    if not approved:
        _cancel(context, stored, reason or "approval refused", None)
        return stored.document
    document = stored.document
    data = document.read(InvoiceData)
    company = company_of(context, str(data.company.id))
    approval = data.approval.model_copy(update={"status": "approved"})
    data = data.model_copy(update={"approval": approval})
    if on is not None:
        data = _dated(data, on, context)
    documents.change(context, document, **columns(data))
    issue_document(context, document, data, company)
    context.emit(fact(InvoicePosted, document, document.read(InvoiceData)), document)
    return document


def get(reference: InvoiceReference, context: Context) -> Invoice:
    """One invoice by id or number."""
    stored = queries.invoice(context, reference.id)
    data = stored.document.read(InvoiceData)
    return answer(stored.document, data, shown_entries(stored.entries), stored.events, stored.due)


def list_all(query: InvoiceList, context: Context) -> Page[InvoiceSummary]:
    """A page of invoices, newest first unless sorted."""
    found, following = listing.page(context, "invoice", query, beside=queries.AMOUNT_DUE, part=InvoiceHead)
    summaries = [summary(listed.document, Decimal(listed.beside) if listed.beside else None) for listed in found]
    return Page[InvoiceSummary](data=summaries, next_cursor=following)


def _proceed(
    context: Context,
    document: Document,
    draft: Draft,
    event: type[InvoiceFact],
    before: list[str] | None = None,
) -> Invoice:
    """Hold stock and credit, then issue the invoice or let it wait for approval."""
    data = draft.data
    facts = {
        "total": data.total,
        "subtotal": data.subtotal,
        "tax_total": data.tax_total,
        "currency": data.currency,
        "customer": data.customer.code,
        "company": data.company.code,
        "over_credit_limit": draft.credit.exceeded,
        "lines": len(data.items),
    }
    rules = matching_rules(context, draft.company, "invoice", facts)
    over = draft.credit.exceeded and draft.company.data.policies.over_credit_limit == "approve"
    expose(context, document, data.base_total, draft.credit.ceiling)
    posting = Posting(lines=[])
    if rules or over:
        reason = "; ".join([rule.data.name for rule in rules] + (["over the credit limit"] if over else []))
        approval = request_approval(context, document, rules, reason)
        data = data.model_copy(
            update={"approval": Approval(required=True, id=approval.id, status="pending", reason=reason)}
        )
        document.status, document.data = "pending_approval", data
    else:
        posting = issue_document(context, document, data, draft.company)
        data = document.read(InvoiceData)
    return _staged(context, document, data, event, posting, before, draft)


def _cancel(context: Context, stored: queries.StoredInvoice, reason: str, on: dt.date | None) -> Invoice:
    """Undo what the invoice did, in the ledgers by contrary rows, and mark it void."""
    document = stored.document
    data = document.read(InvoiceData)
    _check_voidable(stored, data)
    day = _void_day(context, document, data, on)
    previous = document.status
    entries = list(stored.entries)
    data = data.model_copy(update={"void_reason": reason, "voided_on": day})
    documents.change(context, document, status="void", data=data)
    if entries:
        company = company_of(context, str(data.company.id))
        check_open(context, company, "sales", day)
        entries.append(JournalEntry(REVERSAL, day, reversed_lines(entries[0].lines)))
        post(context, document, company, "sales", day, entries[-1].lines, entry=REVERSAL)
    if document.posted_at is not None:
        record_invoice_taxes(context, document, data, "sale", reverse=True)
        take_back_taxes(context, document, day)
        closed = [(item.id, item.amount, item.base_amount) for item in stored.items]
        settle(context, document, day, closed)
        cancel_deferrals(context, document, stored.deferred, day)
    if previous == "pending_approval":
        expose(context, document, -data.base_total, entry=REVERSAL)
        withdraw_approvals(context, document, reason)
    context.emit(
        fact(InvoiceCancelled, document, data, cancelled_on=day, reason=reason, previous_status=previous), document
    )
    release(context, document, stored.reservations)
    events = [*stored.events, *_emitted(context, document)]
    return answer(document, data, shown_entries(entries), events, None)


def _check_voidable(stored: queries.StoredInvoice, data: InvoiceData) -> None:
    """Raise InvoiceSettled where a payment went to the invoice, Conflict where it is void already."""
    document = stored.document
    settled = sum((item.settled for item in stored.items), Decimal(0))
    if settled and document.status in ("partially_paid", "paid"):
        raise InvoiceSettled(
            f"{settled} {data.currency} of invoice {document.number} are paid, and only an invoice that nothing was"
            " paid on can be voided. Keep it, and make up for it with lower prices or a discount on the customer's"
            " next invoice.",
            settled=str(settled),
        )
    unpaid = () if data.total else ("paid",)  # an invoice of nothing is paid by nobody
    documents.check_status(document, ("draft", "pending_approval", "issued", *unpaid), "voided")


def _void_day(context: Context, document: Document, data: InvoiceData, on: dt.date | None) -> dt.date:
    """The accounting date of a void: the invoice's own unless given.

    What it gives back of stock, credit and open items counts from now on, so that a later day would leave the
    ledger behind them. Raises DatedTooEarly, InvalidRequest.
    """
    if on is None:
        return data.date
    name = document.number or "the invoice"
    if on < data.date:
        raise DatedTooEarly(
            f"The void is dated {on}, but {name} is dated {data.date}. Void it on that day or later.",
            errors=[FieldError("/date", "dated_too_early", f"choose {data.date} or a later day")],
            invoice=document.number,
            invoice_date=str(data.date),
        )
    latest = max(data.date, context.clock.today(company_of(context, str(data.company.id)).data.timezone))
    if on > latest:
        raise InvalidRequest(
            f"A void counts at once, so it cannot be dated {on}. The latest day is {latest}.",
            errors=[FieldError("/date", "in_the_future", f"choose {latest} or an earlier day")],
        )
    return on


def _dated(data: InvoiceData, on: dt.date, context: Context) -> InvoiceData:
    """The invoice dated anew: due dates follow, figures stay. Raises DatedTooEarly."""
    if on < data.date:
        raise DatedTooEarly(
            f"The invoice is dated {data.date}; it can be posted on that day or later, not on {on}.",
            errors=[FieldError("/date", "dated_too_early", f"choose {data.date} or a later day")],
            invoice_date=str(data.date),
        )
    term = configuration(context).find(PaymentTerm, data.payment_terms) if data.payment_terms else None
    company = company_of(context, str(data.company.id))
    due = due_instalments(company, term.data if term else None, on, data.subtotal, data.total, data.currency)
    return data.model_copy(
        update={
            "date": on,
            "due_date": max(item.due_date for item in due),
            "instalments": due,
            "base": data.base and _spread_anew(data.base, due),
        }
    )


def _spread_anew(base: InBase, due: Sequence[DueInstalment]) -> InBase:
    """The rate stays as it was approved, with what follows from it; terms may have changed in the meantime."""
    return base.model_copy(update={"instalments": spread(base.total, due, base.currency)})


def _staged(
    context: Context,
    document: Document,
    data: InvoiceData,
    event: type[InvoiceFact],
    posting: Posting,
    before: list[str] | None = None,
    draft: Draft | None = None,
) -> Invoice:
    """Tell of the invoice, reserve its stock and answer it."""
    context.emit(fact(event, document, data), document)
    if draft is not None:
        reserved = reserve(context, document, draft.allocation)
        data = data.model_copy(update={"reservations": reserved})
        document.data = data
    due = data.total if document.status == "issued" else None
    return answer(document, data, posting, [*(before or []), *_emitted(context, document)], due)


def _emitted(context: Context, document: Document) -> list[str]:
    return [event.type for event, subject in context.work.events if subject is document]
