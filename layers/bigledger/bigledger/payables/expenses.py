"""The life of an expense claim: written, submitted, approved by somebody else, reimbursed."""

import re
from decimal import Decimal
from typing import Any, Final

from bigledger.kernel import (
    Context,
    Document,
    Entry,
    FieldError,
    NotFound,
    Page,
    Problem,
    Ref,
    documents,
    listing,
)
from bigledger.kernel.documents import AS_JSON, from_json, matching
from bigledger.kernel.money import nothing
from bigledger.ledger import (
    JournalEntry,
    OpenItem,
    OverAllocated,
    Posting,
    check_scale,
    entries_json,
    posting_day,
    read_entries,
)
from bigledger.ledger import shown_entries as shown
from bigledger.payables.answers import columns
from bigledger.payables.drafting import work_out
from bigledger.payables.events import (
    ExpenseClaimApproved,
    ExpenseClaimCreated,
    ExpenseClaimFact,
    ExpenseClaimRejected,
    ExpenseClaimSubmitted,
    ExpenseClaimUpdated,
)
from bigledger.payables.expense_model import (
    ExpenseClaim,
    ExpenseClaimChange,
    ExpenseClaimData,
    ExpenseClaimHead,
    ExpenseClaimList,
    ExpenseClaimReference,
    ExpenseClaimSummary,
    ExpenseItem,
    NewExpenseClaim,
    NewExpenseItem,
    ReimburseExpenseClaim,
    RejectExpenseClaim,
)
from bigledger.payables.links import links
from bigledger.payables.model import NewBill, NewBillItem
from bigledger.payables.payment_model import NewSupplierPayment, SupplierAllocation, SupplierPayment
from bigledger.payables.payments import record
from bigledger.payables.posting import post_document
from bigledger.payables.queries import AMOUNT_DUE, ITEMS, read_items
from bigledger.records import Company, company_of, number_for
from bigledger.workflow import FourEyesRequired

TYPE: Final = "expense_claim"


def create(new: NewExpenseClaim, context: Context) -> ExpenseClaim:
    """Write a claim; it is numbered at once and posts nothing yet.

    Raises UnknownReference, InvalidRequest for amounts finer than the currency, ExchangeRateMissing, TaxRateMissing
    and those of ``account_for``.
    """
    company, data = _worked_out(new, context)
    document = Document(
        id=new.id or context.new_id(),
        type=TYPE,
        status="draft",
        data=data,
        metadata=dict(new.metadata),
        number=number_for(context, TYPE, company, data.bill.date),
        **columns(data.bill),
    )
    documents.create(context, document)
    return _told(context, document, data, ExpenseClaimCreated, [])


def update(change: ExpenseClaimChange, context: Context) -> ExpenseClaim:
    """Replace fields of a claim that is a draft or was sent back, and work it out again; it keeps its number.

    Raises what writing one raises.
    """
    stored = _read(context, change.id)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("draft", "rejected"), "changed")
    before = document.read(ExpenseClaimData)
    given = {name: getattr(change, name) for name in change.model_fields_set - {"id"}}
    if "metadata" in given:
        given["metadata"] = change.metadata or {}
    of_employee = {"currency": None} if "employee" in given else {}
    of_items = {"date": None} if "items" in given else {}
    new = _as_command(document, before).model_copy(update=of_employee | of_items | given)
    _, data = _worked_out(new, context)
    kept = {"submitted_by": before.submitted_by, "reject_reason": before.reject_reason}
    data = data.model_copy(update={**kept, "changed_by": sorted({*before.changed_by, context.actor.id})})
    documents.change(context, document, data=data, metadata=dict(new.metadata), **columns(data.bill))
    return _told(context, document, data, ExpenseClaimUpdated, stored.events)


def _worked_out(new: NewExpenseClaim, context: Context) -> tuple[Entry[Company], ExpenseClaimData]:
    """The company of a claim, and what the claim means for the books: that of a bill of the employee."""
    bill = NewBill.model_construct(
        supplier=new.employee,
        supplier_number=new.purpose,
        company=new.company,
        date=new.date or max(item.date for item in new.items),
        currency=new.currency,
        payment_terms=None,
        draft=True,
        items=[
            NewBillItem.model_construct(
                account=item.account,
                description=item.description,
                unit_price=item.amount,
                taxes=[item.tax] if item.tax else [],
            )
            for item in new.items
        ],
    )
    try:
        draft = work_out(bill, context, TYPE, new.id, with_tax=True)
    except Problem as problem:
        problem.errors = [
            FieldError(_as_claimed(one["pointer"]), one["code"], one["message"]) for one in problem.errors
        ]
        raise
    check_scale((f"/items/{index}/amount", item.amount, draft.data.currency) for index, item in enumerate(new.items))
    data = ExpenseClaimData(
        purpose=new.purpose,
        bill=draft.data,
        dates=[item.date for item in new.items],
        amounts=[item.amount for item in new.items],
        receipts=[item.receipt for item in new.items],
    )
    return draft.company, data


def _as_claimed(pointer: str) -> str:
    """Where in a claim that is which is wrong in the bill it means."""
    if pointer == "/supplier":
        return "/employee"
    item, _, field = pointer.rpartition("/unit_price")
    return f"{item}/amount" if item and not field else re.sub(r"^(/items/[0-9]+)/taxes/0$", r"\1/tax", pointer)


def _as_command(document: Document, data: ExpenseClaimData) -> NewExpenseClaim:
    """The command that a stored claim stands for."""
    return NewExpenseClaim.model_construct(
        id=document.id,
        employee=data.bill.supplier.code,
        purpose=data.purpose,
        company=data.bill.company.code,
        date=data.bill.date,
        currency=data.bill.currency,
        metadata=dict(document.metadata),
        items=[
            NewExpenseItem.model_construct(
                date=item.date,
                description=item.description,
                amount=item.amount,
                account=item.account.code if item.own_account else None,
                tax=next(iter(item.agreed_taxes or ()), None),
                receipt=item.receipt,
            )
            for item in _items(data)
        ],
    )


def submit(reference: ExpenseClaimReference, context: Context) -> ExpenseClaim:
    """Hand a claim in for approval; one that was sent back can be handed in again."""
    stored = _read(context, reference.id)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("draft", "rejected"), "submitted")
    data = document.read(ExpenseClaimData).model_copy(update={"submitted_by": context.actor.id, "reject_reason": None})
    documents.change(context, document, status="submitted", data=data)
    return _told(context, document, data, ExpenseClaimSubmitted, stored.events)


def approve(reference: ExpenseClaimReference, context: Context) -> ExpenseClaim:
    """Approve a submitted claim and post it: its total is owed to the employee.

    Raises FourEyesRequired for who wrote, changed or submitted it, PeriodClosed.
    """
    stored = _read(context, reference.id)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("submitted",), "approved")
    data = document.read(ExpenseClaimData)
    if context.actor.id in (document.created_by, data.submitted_by, *data.changed_by):
        raise FourEyesRequired(
            f"{context.actor.name} wrote, changed or submitted this claim; somebody else has to approve it."
        )
    company = company_of(context, str(data.bill.company.id))
    posting_day(context, company, "purchase", data.bill.date, move=False)
    documents.change(context, document)
    posting = post_document(context, document, data.bill, company, status="approved")
    data = data.model_copy(update={"approved_by": context.actor.id})
    document.data = data
    by = {"approved_by": context.actor.id}
    return _told(context, document, data, ExpenseClaimApproved, stored.events, posting, data.bill.total, **by)


def reject(command: RejectExpenseClaim, context: Context) -> ExpenseClaim:
    """Send a submitted claim back, with the reason."""
    stored = _read(context, command.id)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("submitted",), "rejected")
    data = document.read(ExpenseClaimData).model_copy(update={"reject_reason": command.reason})
    documents.change(context, document, status="rejected", data=data)
    return _told(context, document, data, ExpenseClaimRejected, stored.events, reason=command.reason)


def reimburse(command: ReimburseExpenseClaim, context: Context) -> SupplierPayment:
    """Pay a claim out, wholly or in part. Raises Conflict, OverAllocated and what recording a payment raises."""
    stored = _read(context, command.id)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("approved", "partially_reimbursed"), "reimbursed")
    data = document.read(ExpenseClaimData)
    amount = stored.due if command.amount is None else command.amount
    if amount > stored.due:
        raise OverAllocated(f"Only {stored.due} {data.bill.currency} of {document.number} is still owed.")
    new = NewSupplierPayment(
        supplier=data.bill.supplier.code,
        company=data.bill.company.code,
        amount=amount,
        currency=data.bill.currency,
        exchange_rate=command.exchange_rate,
        date=command.date,
        account=command.account,
        account_amount=command.account_amount,
        payment_method=command.payment_method,
        allocations=[SupplierAllocation(document=str(document.id), amount=amount)],
        reference=command.reference,
    )
    return record(new, context)


def get(reference: ExpenseClaimReference, context: Context) -> ExpenseClaim:
    """One expense claim by id or number; one statement. Raises NotFound."""
    stored = _read(context, reference.id)
    data = stored.document.read(ExpenseClaimData)
    return _answer(stored.document, data, shown(stored.entries), stored.events, stored.due)


def list_all(query: ExpenseClaimList, context: Context) -> Page[ExpenseClaimSummary]:
    """A page of expense claims, newest first unless sorted."""
    found, following = listing.page(context, TYPE, query, beside=AMOUNT_DUE, part=ExpenseClaimHead)
    summaries = [
        ExpenseClaimSummary(**_common(one.document, one.document.read(ExpenseClaimHead), Decimal(one.beside or 0)))
        for one in found
    ]
    return Page[ExpenseClaimSummary](data=summaries, next_cursor=following)


_CLAIM = f"""
    SELECT jsonb_build_object(
        'document', {AS_JSON},
        'items', {ITEMS.format(document="d.id")},
        'entries', {entries_json("d.id")},
        'events', (SELECT jsonb_agg(e.type ORDER BY e.sequence) FROM kernel.event e WHERE e.subject_id = d.id)
    )::text
    FROM kernel.document d WHERE d.type = '{TYPE}' AND {{match}}
"""


class _Stored:
    """A claim with what the ledgers say of it."""

    def __init__(
        self, document: Document, items: list[OpenItem], entries: list[JournalEntry], events: list[str]
    ) -> None:
        self.document, self.entries, self.events = document, entries, events
        self.due = -sum((item.open for item in items), Decimal(0))


def _read(context: Context, reference: str) -> _Stored:
    found = context.work.read_json(_CLAIM.format(match=matching(reference)), reference=reference)
    if found is None:
        raise NotFound(f"There is no expense claim {reference}.")
    entries = read_entries(context, found["entries"])
    return _Stored(from_json(found["document"]), read_items(found["items"]), entries, found["events"] or [])


def _told(
    context: Context,
    document: Document,
    data: ExpenseClaimData,
    event: type[ExpenseClaimFact],
    before: list[str],
    posting: Posting | None = None,
    due: Decimal = Decimal(0),
    **more: Any,
) -> ExpenseClaim:
    bill = data.bill
    fact: dict[str, Any] = {
        "id": document.id,
        "number": document.number,
        "status": document.status,
        "company": bill.company,
        "employee": bill.supplier,
        "date": bill.date,
        "currency": bill.currency,
        "items": _items(data),
        "subtotal": bill.subtotal,
        "tax_total": bill.tax_total,
        "total": bill.total,
        "purpose": data.purpose,
    }
    context.emit(event(**fact | more), document)
    return _answer(document, data, posting or Posting(lines=[]), [*before, event.type], due)


def _items(data: ExpenseClaimData) -> list[ExpenseItem]:
    told = zip(data.bill.items, data.dates, data.amounts, data.receipts, strict=True)
    return [
        ExpenseItem(**dict(item), date=date, amount=amount, receipt=receipt) for item, date, amount, receipt in told
    ]


def _common(document: Document, data: ExpenseClaimData | ExpenseClaimHead, due: Decimal) -> dict[str, Any]:
    return {
        "id": document.id,
        "number": document.number or "",
        "status": document.status,
        "version": document.version,
        "company": data.bill.company,
        "employee": Ref(**dict(data.bill.supplier)),
        "purpose": data.purpose,
        "date": data.bill.date,
        "currency": data.bill.currency,
        "total": data.bill.total,
        "amount_due": due + nothing(data.bill.currency),
    }


def _answer(
    document: Document, data: ExpenseClaimData, posting: Posting, events: list[str], due: Decimal
) -> ExpenseClaim:
    return ExpenseClaim(
        **_common(document, data, due),
        items=_items(data),
        subtotal=data.bill.subtotal,
        tax_total=data.bill.tax_total,
        taxes=data.bill.taxes,
        base=data.bill.base,
        posting=posting,
        events=events,
        links=links("expense-claims", document.id),
        submitted_by=data.submitted_by,
        approved_by=data.approved_by,
        reject_reason=data.reject_reason,
        metadata=document.metadata,
    )
