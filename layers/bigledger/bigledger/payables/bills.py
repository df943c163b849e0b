"""The life of a bill: entered, changed as a draft, approved, posted, voided."""

import datetime as dt
from decimal import Decimal

from bigledger.kernel import (
    Conflict,
    Context,
    Document,
    FieldError,
    Page,
    documents,
    listing,
)
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
from bigledger.payables import queries
from bigledger.payables.answers import answer, columns, fact, summary
from bigledger.payables.bill_withholding import less_withheld
from bigledger.payables.drafting import Draft, as_command, dated, work_out
from bigledger.payables.events import BillCancelled, BillCreated, BillFact, BillPosted, BillUpdated
from bigledger.payables.model import (
    Approval,
    Bill,
    BillChange,
    BillData,
    BillList,
    BillReference,
    BillSummary,
    NewBill,
    PostBill,
    VoidBill,
)
from bigledger.payables.posting import post_document
from bigledger.payables.tax_facts import record_bill_taxes
from bigledger.payables.withholding_year import count_back
from bigledger.records import company_of
from bigledger.tax import take_back_taxes
from bigledger.workflow import matching_rules, request_approval, withdraw_approvals


class BillSettled(Conflict):
    """A payment or a credit has settled the bill, wholly or in part, so it cannot be voided."""

    title = "The bill is settled"


def create(new: NewBill, context: Context) -> Bill:
    """Enter a bill: computed, held against the supplier's earlier ones, approved or posted, and published."""
    draft = work_out(new, context, own_id=new.id)
    document = Document(
        id=new.id or context.new_id(),
        type="bill",
        status="draft",
        data=draft.data,
        metadata=dict(new.metadata),
        **columns(draft.data),
    )
    documents.create(context, document)
    if new.draft:
        return _staged(context, document, draft.data, BillCreated, Posting(lines=[]))
    return _proceed(context, document, draft, BillCreated)


def update(change: BillChange, context: Context) -> Bill:
    """Replace fields of a draft and work it out again; another supplier brings its own terms and currency."""
    stored = queries.bill(context, change.id)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("draft",), "changed")
    given = {name: getattr(change, name) for name in change.model_fields_set - {"id"}}
    if "metadata" in given:
        given["metadata"] = change.metadata or {}
    before = as_command(document.id, document.read(BillData), document.metadata)
    of_supplier = {"payment_terms": None, "currency": None} if "supplier" in given else {}
    of_currency = {"exchange_rate": None} if {"supplier", "currency"} & given.keys() else {}
    new = before.model_copy(update=of_supplier | of_currency | given)
    draft = work_out(new, context, own_id=document.id)
    documents.change(context, document, data=draft.data, metadata=dict(new.metadata), **columns(draft.data))
    return _staged(context, document, draft.data, BillUpdated, Posting(lines=[]), stored.events)


def post_draft(command: PostBill, context: Context) -> Bill:
    """Post a draft, or let it wait for approval; its lines are computed once more."""
    stored = queries.bill(context, command.id)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("draft",), "posted")
    again = as_command(document.id, document.read(BillData), document.metadata)
    again = again.model_copy(update={"draft": False, "on_closed_period": command.on_closed_period})
    draft = work_out(again, context, own_id=document.id)
    documents.change(context, document, **columns(draft.data))
    return _proceed(context, document, draft, BillPosted, stored.events)


def void(command: VoidBill, context: Context) -> Bill:
    """Void a bill: a reversing entry, its open items closed, the supplier's number free again.

    Raises BillSettled, Conflict for one that is void, DatedTooEarly for a day before the bill, InvalidRequest for one
    in the future, PeriodClosed when the reversal's day takes no postings.
    """
    stored = queries.bill(context, command.id)
    documents.check_version(context, stored.document)
    return _cancel(context, stored, command.reason, command.date)


def after_approval(
    document: Document, approved: bool, reason: str | None, on: dt.date | None, context: Context
) -> Document:
    """What an approval means for a bill: approved, it is posted as it was approved; refused, it is void.

    ``on`` is another accounting date; what the supplier's paper says stays. A bill that is not waiting any more is
    left alone: the approval was a review. Raises DatedTooEarly, PeriodClosed.
    """
    if document.status != "pending_approval":
        return document
    if not approved:
        stored = queries.bill(context, str(document.id))
        documents.check_unchanged(document, stored.document)
        _cancel(context, stored, reason or "approval refused", None)
        return stored.document
    data = document.read(BillData)
    if on is not None and on < data.date:
        raise DatedTooEarly(
            f"The bill is dated {data.date}; it can be posted on that day or later, not on {on}.",
            errors=[FieldError("/date", "dated_too_early", f"choose {data.date} or a later day")],
        )
    company = company_of(context, str(data.company.id))
    approval = data.approval.model_copy(update={"status": "approved"})
    data = dated(data.model_copy(update={"approval": approval}), on or data.date)
    if data.withholding_counts:
        # What was approved is the supplier's total; what is kept back of it follows from the year as it stands now.
        standing = queries.withholding_of(context, company, data.supplier.id)
        data = less_withheld(data, standing, context, company)
    documents.change(context, document, **columns(data))
    post_document(context, document, data, company)
    context.emit(fact(BillPosted, document, data), document)
    return document


def get(reference: BillReference, context: Context) -> Bill:
    """One bill by id or own number; one statement. Raises NotFound."""
    stored = queries.bill(context, reference.id)
    data = stored.document.read(BillData)
    told = answer(stored.document, data, shown_entries(stored.entries), stored.events, stored.due)
    return told.model_copy(update={"payment_hold": stored.hold}) if stored.hold else told


def list_all(query: BillList, context: Context) -> Page[BillSummary]:
    """A page of bills, newest first unless sorted."""
    part = listing.part_of(BillSummary, BillData)
    found, following = listing.page(context, "bill", query, beside=queries.AMOUNT_DUE, part=part)
    summaries = [summary(one.document, one.document.read(part), Decimal(one.beside or 0)) for one in found]
    return Page[BillSummary](data=summaries, next_cursor=following)


def _proceed(
    context: Context, document: Document, draft: Draft, event: type[BillFact], before: list[str] | None = None
) -> Bill:
    """Post the bill, or let it wait for approval."""
    data = draft.data
    facts = {
        "total": data.total,
        "subtotal": data.subtotal,
        "tax_total": data.tax_total,
        "currency": data.currency,
        "supplier": data.supplier.code,
        "company": data.company.code,
        "lines": len(data.items),
    }
    posting = Posting(lines=[])
    if rules := matching_rules(context, draft.company, "bill", facts):
        reason = "; ".join(rule.data.name for rule in rules)
        approval = request_approval(context, document, rules, reason)
        waiting = Approval(required=True, id=approval.id, status="pending", reason=reason)
        data = data.model_copy(update={"approval": waiting})
        document.status, document.data = "pending_approval", data
    else:
        posting = post_document(context, document, data, draft.company)
    return _staged(context, document, data, event, posting, before)


def _cancel(context: Context, stored: queries.StoredBill, reason: str, on: dt.date | None) -> Bill:
    """Undo what the bill did, in the ledgers by contrary rows, and mark it void."""
    document = stored.document
    data = document.read(BillData)
    _check_voidable(stored, data)
    company = company_of(context, str(data.company.id))
    day = void_day(context, document, company, on)
    previous = document.status
    entries = list(stored.entries)
    data = data.model_copy(update={"void_reason": reason, "voided_on": day})
    documents.change(context, document, status="void", data=data)
    if entries:
        check_open(context, company, "purchase", day)
        entries.append(JournalEntry(REVERSAL, day, reversed_lines(entries[0].lines)))
        post(context, document, company, "purchase", day, entries[-1].lines, entry=REVERSAL)
        settle(context, document, day, [(item.id, item.amount, item.base_amount) for item in stored.items])
        cancel_deferrals(context, document, stored.deferred, day)
    if document.posted_at is not None:
        record_bill_taxes(context, document, data, "purchase", reverse=True)
        count_back(context, document, data.withholding_counts or (), day)
        take_back_taxes(context, document, day)
    if previous == "pending_approval":
        withdraw_approvals(context, document, reason)
    told = fact(BillCancelled, document, data, cancelled_on=day, reason=reason, previous_status=previous)
    context.emit(told, document)
    events = [*stored.events, *_emitted(context, document)]
    return answer(document, data, shown_entries(entries), events, Decimal(0))


def _check_voidable(stored: queries.StoredBill, data: BillData) -> None:
    """Raise BillSettled where something settled a part of the bill, Conflict where it is void already."""
    document = stored.document
    settled = -sum((item.settled for item in stored.items), Decimal(0))
    if settled and document.status in ("partially_paid", "paid"):
        raise BillSettled(
            f"{settled} {data.currency} of bill {document.number} are settled, and only a bill that nothing was paid"
            " on can be voided. Void the payment or take the allocation back first, or enter the supplier's credit.",
            settled=str(settled),
        )
    unpaid = () if data.payable else ("paid",)  # a bill of nothing is paid by nobody
    documents.check_status(document, ("draft", "pending_approval", "posted", *unpaid), "voided")


def _staged(
    context: Context,
    document: Document,
    data: BillData,
    event: type[BillFact],
    posting: Posting,
    before: list[str] | None = None,
) -> Bill:
    """Tell of the bill and answer it."""
    context.emit(fact(event, document, data), document)
    due = data.payable if document.status == "posted" else Decimal(0)
    return answer(document, data, posting, [*(before or []), *_emitted(context, document)], due)


def _emitted(context: Context, document: Document) -> list[str]:
    return [event.type for event, subject in context.work.events if subject is document]
