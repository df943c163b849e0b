"""The life of a supplier credit: entered alone or for a bill, posted, set against that bill, voided."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

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
from bigledger.payables.answers import columns
from bigledger.payables.credit_model import (
    CreditBill,
    CreditedLine,
    NewSupplierCredit,
    SupplierCredit,
    SupplierCreditData,
    SupplierCreditList,
    SupplierCreditReference,
    SupplierCreditSummary,
    VoidSupplierCredit,
)
from bigledger.payables.crediting import credit_data
from bigledger.payables.drafting import as_command, check_twin, work_out
from bigledger.payables.events import (
    SupplierCreditCreated,
    SupplierCreditFact,
    SupplierCreditPosted,
    SupplierCreditVoided,
)
from bigledger.payables.links import links
from bigledger.payables.matching import settle_document, take_back, tell_settled
from bigledger.payables.model import BillData, NewBill
from bigledger.payables.posting import journal_lines, told
from bigledger.payables.queries import AMOUNT_LEFT
from bigledger.payables.settling_queries import CreditableBill, creditable_bill, effects
from bigledger.payables.tax_facts import pending_taxes, record_bill_taxes
from bigledger.payables.withholding_year import count, count_back
from bigledger.records import Account, Company, company_of, number_for
from bigledger.tax import SettledPart, give_back

TYPE = "supplier_credit"

_CREDITED_LINE = Table("payables.credited_line", ("document_id", "entry", "bill_id", "line", "quantity", "billed"))


def create(new: NewSupplierCredit, context: Context) -> SupplierCredit:
    """Enter a supplier's credit that belongs to no bill; its costs and taxes are worked out as a bill's."""
    given = {name: getattr(new, name) for name in NewBill.model_fields if hasattr(new, name)}
    data = _alone(work_out(NewBill.model_construct(**given), context, "supplier_credit", new.id).data, new.reason)
    document = _drafted(context, data, new.id, new.metadata)
    if new.draft:
        return _told(context, document, data, SupplierCreditCreated)
    return _post(context, document, data, None, SupplierCreditCreated)


def credit(command: CreditBill, context: Context) -> SupplierCredit:
    """Enter a supplier's credit for a bill, from the bill's own lines.

    Raises StaleVersion, OverCreditedBill, Conflict, DuplicateBill, DatedTooEarly, PeriodClosed.
    """
    bill = creditable_bill(context, command.id, command.supplier_number)
    documents.check_version(context, bill.document)
    data = _of_bill(command, bill, context)
    check_twin(command.supplier_number, bill.twin, data.supplier.code, None)
    document = _drafted(context, data, None, command.metadata)
    if command.draft:
        return _told(context, document, data, SupplierCreditCreated)
    return _post(context, document, data, bill, SupplierCreditCreated)


def post_draft(reference: SupplierCreditReference, context: Context) -> SupplierCredit:
    """Post a draft: what it credits of its bill is worked out again."""
    stored = effects(context, TYPE, reference.id)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("draft",), "posted")
    data = document.read(SupplierCreditData)
    bill = None
    if data.bill is not None:
        bill = creditable_bill(context, str(data.bill.id), data.supplier_number)
        command = CreditBill(
            id=str(data.bill.id),
            supplier_number=data.supplier_number,
            reason=data.reason,
            lines=[CreditedLine(line=item.origin_line or 0, quantity=item.quantity) for item in data.items],
            date=data.date,
            reference=data.reference,
        )
        data = _of_bill(command, bill, context)
    else:
        again = as_command(document.id, data, document.metadata).model_copy(update={"draft": False})
        data = _alone(work_out(again, context, "supplier_credit", document.id).data, data.reason)
    documents.change(context, document, **columns(data))
    return _post(context, document, data, bill, SupplierCreditPosted, stored.events)


def void(command: VoidSupplierCredit, context: Context) -> SupplierCredit:
    """Void a supplier credit: what it settled is due again, what it credited can be credited again.

    Raises AdvanceUsed, Conflict, DatedTooEarly, InvalidRequest, PeriodClosed.
    """
    stored = effects(context, TYPE, command.id)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("draft", "posted", "partially_settled", "settled"), "voided")
    data = document.read(SupplierCreditData)
    company = company_of(context, str(data.company.id))
    on = void_day(context, document, company, command.date)
    previous, entries = document.status, list(stored.entries)
    if previous != "draft":
        check_not_reduced(document.number, stored.reduced)
        entries = take_back(context, stored, company, "purchase", on, data.supplier)
        _count_lines(context, document, data, None, Decimal(-1), REVERSAL)
    data = data.model_copy(update={"void_reason": command.reason, "voided_on": on})
    if previous != "draft":
        record_bill_taxes(context, document, data, "purchase_credit", reverse=True)
        count_back(context, document, data.withholding_counts or (), on)
    documents.change(context, document, status="void", data=data)
    more = {"voided_on": on, "void_reason": command.reason, "previous_status": previous}
    return _told(context, document, data, SupplierCreditVoided, shown_entries(entries), stored.events, **more)


def get(reference: SupplierCreditReference, context: Context) -> SupplierCredit:
    """One supplier credit by id or own number; one statement. Raises NotFound."""
    stored = effects(context, TYPE, reference.id)
    left = sum((item.open for item in stored.items), Decimal(0))
    data = stored.document.read(SupplierCreditData)
    return _answer(stored.document, data, shown_entries(stored.entries), stored.events, left)


def list_all(query: SupplierCreditList, context: Context) -> Page[SupplierCreditSummary]:
    """A page of supplier credits, newest first unless sorted."""
    part = listing.part_of(SupplierCreditSummary, SupplierCreditData)
    found, following = listing.page(context, TYPE, query, beside=AMOUNT_LEFT, part=part)
    summaries = [
        SupplierCreditSummary(**_summary(one.document, one.document.read(part), Decimal(one.beside or 0)))
        for one in found
    ]
    return Page[SupplierCreditSummary](data=summaries, next_cursor=following)


def _alone(data: BillData, reason: str) -> SupplierCreditData:
    return SupplierCreditData(**dict(data), reason=reason, unallocated=nothing(data.currency))


def _of_bill(command: CreditBill, bill: CreditableBill, context: Context) -> SupplierCreditData:
    document = bill.document
    company = company_of(context, str(document.company_id))
    on = command.date or context.clock.today(company.data.timezone)
    if document.status not in ("posted", "partially_paid", "paid"):
        raise Conflict(
            f"This bill is {document.status.replace('_', ' ')}. Only one that is posted can be credited.",
            document_status=document.status,
        )
    if document.date is not None and on < document.date:
        raise DatedTooEarly(
            f"{document.number} is dated {document.date}, so it is not credited on {on}. Choose that day or later.",
            errors=[FieldError("/date", "dated_too_early", f"choose {document.date} or a later day")],
        )
    return credit_data(command, str(document.number), document.id, document.read(BillData), bill.credited, on)


def _drafted(context: Context, data: SupplierCreditData, id: UUID | None, metadata: Mapping[str, str]) -> Document:
    document = Document(
        id=id or context.new_id(), type=TYPE, status="draft", data=data, metadata=dict(metadata), **columns(data)
    )
    return documents.create(context, document)


def _post(
    context: Context,
    document: Document,
    data: SupplierCreditData,
    bill: CreditableBill | None,
    event: type[SupplierCreditFact],
    before: list[str] | None = None,
) -> SupplierCredit:
    """Number and post it, settle its bill as far as that is open, and keep the rest in the company's favour."""
    company = company_of(context, str(data.company.id))
    check_open(context, company, "purchase", data.date)
    one = Settled(bill.document, list(bill.items)) if bill else None
    if one:
        one.take(-min(-one.open, data.payable))
    settled = [one] if one and one.shares else []
    shares = [share for part in settled for share in part.shares]
    left = data.payable + sum((share.amount for share in shares), Decimal(0))
    left_in_base = -value(shares, -left, -data.payable_in_base, company.data.currency)
    document.number = number_for(context, TYPE, company, data.date)
    answered = [settle_document(context, document, part, data.date, "credit") for part in settled]
    if bill is not None:
        if not settled:
            context.work.link(bill.document.id, document.id, "credit")
        _count_lines(context, document, data, bill, Decimal(1), ORIGINAL)
    data = data.model_copy(update={"allocations": answered, "unallocated": left + nothing(data.currency)})
    status = "settled" if not left else "partially_settled" if settled else "posted"
    document.status, document.data, document.posted_at = status, data, context.now
    lines = _lines(context, company, data, settled, left, left_in_base)
    if lines:
        post(context, document, company, "purchase", data.date, lines)
    record_bill_taxes(context, document, data, "purchase_credit")
    count(context, document, data.withholding_counts or (), data.date)
    if pending := pending_taxes(context, document, data, sign=-1):
        origin = settled[0].document.id if settled else document.id
        give_back(context, document, data.date, SettledPart(origin, data.payable - left, data.payable), pending)
    if bill is not None:
        reduce_deferrals(context, document, bill.deferred, _credited(bill, data), data.date)
    payable = configuration(context).get(Account, data.accounts.payable)
    opened = [DueInstalment(due_date=data.date, amount=left)] if left else []
    open_items(context, document, "payable", payable, opened, [left_in_base] if left else [])
    answer = _told(context, document, data, event, shown(lines), before)
    tell_settled(context, document, data.supplier, settled, answered)
    return answer.model_copy(update={"events": [*(before or []), *(each.type for each, _ in context.work.events)]})


def _credited(bill: CreditableBill, data: SupplierCreditData) -> dict[int, tuple[Decimal, Decimal]]:
    """What is credited of the lines of the bill's posting: one for each item that costs something."""
    whole = bill.document.read(BillData)
    parts = data.base.items if data.base else [item.cost for item in data.items]
    in_base = whole.base.items if whole.base else [item.cost for item in whole.items]
    credited = [(item.origin_line, part) for item, part in zip(data.items, parts, strict=True)]
    return credited_lines(1, [item.cost for item in whole.items], in_base, credited)


def _lines(
    context: Context,
    company: Entry[Company],
    data: SupplierCreditData,
    settled: list[Settled],
    left: Decimal,
    left_in_base: Decimal,
) -> list[JournalLine]:
    """Costs and taxes taken back, against the items of the bill and what is left in the company's favour."""
    text = f"Credit for {data.bill.code}" if data.bill else told(data)
    lines = settled_lines(context, settled, data.currency, data.supplier.id, text)
    if left:
        account = configuration(context).get(Account, data.accounts.payable)
        lines.append(JournalLine(account, left, data.currency, left_in_base, party_id=data.supplier.id, text=text))
    lines += reversed_lines(journal_lines(context, data))
    return lines + difference_lines(context, company, settled, data.currency, data.supplier.id)


def _count_lines(
    context: Context,
    document: Document,
    data: SupplierCreditData,
    bill: CreditableBill | None,
    sign: Decimal,
    entry: int,
) -> None:
    """Stage what is credited of the bill's lines, or taken back; the database holds it against what was billed."""
    if data.bill is None:
        return
    billed = {item.line: item.quantity for item in bill.document.read(BillData).items} if bill else {}
    context.work.append(
        _CREDITED_LINE,
        [
            {
                "document_id": document.id,
                "entry": entry,
                "bill_id": data.bill.id,
                "line": item.origin_line,
                "quantity": item.quantity * sign,
                "billed": billed.get(item.origin_line or 0, item.quantity),
            }
            for item in data.items
        ],
    )


def _told(
    context: Context,
    document: Document,
    data: SupplierCreditData,
    event: type[SupplierCreditFact],
    posting: Posting | None = None,
    before: list[str] | None = None,
    **more: Any,
) -> SupplierCredit:
    fields = {name: getattr(data, name) for name in event.model_fields if hasattr(data, name)}
    stated = fields | {"id": document.id, "number": document.number, "status": document.status} | more
    context.emit(event(**stated), document)
    events = [*(before or []), *(each.type for each, _ in context.work.events)]
    left = data.unallocated if document.status != "void" else Decimal(0)
    return _answer(document, data, posting or Posting(lines=[]), events, left)


def _summary(document: Document, data: SupplierCreditData, left: Decimal) -> dict[str, Any]:
    fields = {name: getattr(data, name) for name in SupplierCreditSummary.model_fields if hasattr(data, name)}
    return fields | {
        "id": document.id,
        "number": document.number,
        "status": document.status,
        "version": document.version,
        "amount_left": left + nothing(data.currency),
    }


def _answer(
    document: Document, data: SupplierCreditData, posting: Posting, events: list[str], left: Decimal
) -> SupplierCredit:
    fields = {name: getattr(data, name) for name in SupplierCredit.model_fields if hasattr(data, name)}
    more = {
        "posting": posting,
        "events": events,
        "links": links("supplier-credits", document.id),
        "metadata": document.metadata,
    }
    return SupplierCredit(**fields | _summary(document, data, left) | more)
