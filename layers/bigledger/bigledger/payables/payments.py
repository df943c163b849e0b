"""Payments to suppliers: money from the bank, open items settled, what is left kept as an advance."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from bigledger.kernel import (
    Context,
    Document,
    Entry,
    FieldError,
    InvalidRequest,
    Page,
    Ref,
    configuration,
    documents,
    listing,
)
from bigledger.kernel.money import nothing, quantum
from bigledger.ledger import (
    DueInstalment,
    JournalLine,
    Money,
    OverAllocated,
    Posting,
    Settled,
    Way,
    account_for,
    check_dates,
    check_open,
    check_scale,
    difference_lines,
    kept_in,
    money_of,
    open_items,
    post,
    settled_lines,
    shown,
    shown_entries,
    value,
    void_day,
    way_of,
)
from bigledger.payables.choosing import (
    check_currency,
    known_supplier,
    named_documents,
    open_bills,
    pay_bills,
    supplier_ref,
    use_credits,
)
from bigledger.payables.early_payment import discount_lines, lowered_taxes, offers
from bigledger.payables.events import PaymentMade, SupplierPaymentVoided
from bigledger.payables.holding import check_not_held
from bigledger.payables.links import links
from bigledger.payables.matching import settle_document, take_back, tell_settled
from bigledger.payables.payment_model import (
    NewSupplierPayment,
    SupplierAllocation,
    SupplierPayment,
    SupplierPaymentData,
    SupplierPaymentInBase,
    SupplierPaymentList,
    SupplierPaymentReference,
    SupplierPaymentSummary,
    VoidSupplierPayment,
)
from bigledger.payables.queries import AMOUNT_LEFT
from bigledger.payables.settling_queries import OpenDocuments, effects, open_documents
from bigledger.payables.withholding import NOTHING, Withheld, paid_parts, rule_of, withheld
from bigledger.payables.withholding_year import count, count_back
from bigledger.records import Account, Company, company_of, number_for
from bigledger.tax import TaxFact, taxes_due

TYPE = "supplier_payment"


def record(new: NewSupplierPayment, context: Context) -> SupplierPayment:
    """Record a payment: posted from the bank, allocated to bills and credits, its remainder kept as an advance.

    Raises UnknownReference, OverAllocated, BillOnHold, DatedTooEarly, PeriodClosed, those of ``way_of`` and of
    ``money_of``.
    """
    company = company_of(context, new.company)
    on = new.date or context.clock.today(company.data.timezone)
    check_open(context, company, "cash", on)
    currency = new.currency or company.data.currency
    way = way_of(context, new, company, currency, "disbursements")
    kept = kept_in(way.account, currency)
    _check_scale(new, currency, kept)
    named = None if new.allocations is None else [allocation.document for allocation in new.allocations]
    read = open_documents(context, company, new.supplier, named, on, currency, kept)
    found = known_supplier(read, new.supplier)
    if named is not None:
        check_not_held(found.documents, found.held)
    return enter(new, found, context, company, way, on)


def enter(
    new: NewSupplierPayment,
    found: OpenDocuments,
    context: Context,
    company: Entry[Company],
    way: Way,
    on: dt.date,
    run: Document | None = None,
) -> SupplierPayment:
    """Stage a payment of what was found open; ``run`` is the payment run that it belongs to. Raises as ``record``."""
    base, currency = company.data.currency, new.currency or company.data.currency
    parts, left = _allocated(new, found, company, currency, on)
    check_dates([one for one in parts if one.shares], on)
    settled = [one for one in parts if one.shares]
    worked = _withheld(new, found, settled, context, company, on)
    kept = worked.kept
    given_up = new.write_off.amount if new.write_off else Decimal(0)
    if kept and given_up:
        raise InvalidRequest(
            f"Tax is withheld from {new.supplier}. Pay without the write-off, or give withhold false.",
            errors=[FieldError("/write_off", "withheld", "leave it out, or give withhold false")],
        )
    paid = new.amount - (kept.amount if kept else Decimal(0))
    money = money_of(new, paid, way.account, currency, base, on, found.rate, found.account_rate)
    kept_in_base = money.rate.to_base(kept.amount, base) if kept else Decimal(0)
    by_spot = found.rate if new.account_amount is not None and new.exchange_rate is None else None
    given_up_in_base = (by_spot or money.rate).to_base(given_up, base)
    left_in_base = _value(settled, left, money.base_amount + kept_in_base + given_up_in_base, base)
    supplier = supplier_ref(found)
    gaining = new.write_off and account_for(context, "write_off", new.write_off.account, "/write_off/account")
    document = Document(
        id=new.id or context.new_id(),
        type=TYPE,
        status="made",
        data={},
        company_id=company.id,
        party_id=supplier.id,
        date=on,
        currency=currency,
        total=new.amount,
        metadata=dict(new.metadata),
        posted_at=context.now,
        number=number_for(context, TYPE, company, on),
    )
    documents.create(context, document)
    answered = [settle_document(context, document, one, on, "payment") for one in settled]
    discount = abs(sum((one.discount for one in settled), Decimal(0)))
    data = SupplierPaymentData(
        company=company.ref,
        supplier=supplier,
        date=on,
        currency=currency,
        amount=new.amount.quantize(quantum(currency)),
        account=way.account.ref,
        allocations=answered,
        unallocated=left + nothing(currency),
        base=_in_base(money, left_in_base, settled) if money.foreign else None,
        account_currency=money.account_currency,
        account_amount=money.account_amount,
        discount=discount.quantize(quantum(currency)) if discount else None,
        withholding=kept,
        withholding_counts=list(worked.counted) or None,
        paid=paid + nothing(currency) if kept else None,
        written_off=given_up.quantize(quantum(currency)) if given_up else None,
        write_off_account=gaining.ref if gaining else None,
        write_off_reason=new.write_off.reason if new.write_off else None,
        payment_method=way.method,
        method=new.method,
        reference=new.reference,
        payment_run=Ref(id=run.id, code=str(run.number)) if run else None,
    )
    document.data = data
    if run:
        context.work.link(run.id, document.id, "payment_run")
    text = f"{supplier.name}, {new.reference}" if new.reference else str(supplier.name)
    lines = settled_lines(context, settled, currency, supplier.id, text)
    if left:
        advances = account_for(context, "prepayment", company.data.accounts.supplier_advances, "/company")
        lines.append(JournalLine(advances, left, currency, left_in_base, party_id=supplier.id, text=text))
        advance = [DueInstalment(due_date=on, amount=left)]
        open_items(context, document, "payable", advances, advance, [left_in_base])
    if paid:
        lines.append(money.paid_out().line(party_id=supplier.id, text=text))
    if kept:
        owed = configuration(context).get(Account, str(kept.account.id))
        lines.append(
            JournalLine(owed, -kept.amount, currency, -kept_in_base, party_id=supplier.id, tax=kept.tax, text=text)
        )
    if new.write_off and gaining:
        reason = new.write_off.reason
        lines.append(JournalLine(gaining, -given_up, currency, -given_up_in_base, party_id=supplier.id, text=reason))
    lines += discount_lines(context, company, settled, supplier.id)
    lines += difference_lines(context, company, settled, currency, supplier.id)
    fact = (
        TaxFact(kept.tax, money.rate.to_base(kept.base, base), output=kept_in_base, output_account=kept.account.id)
        if kept
        else None
    )
    lines += taxes_due(context, document, company, on, settled, lowered_taxes(context, company, settled), fact, True)
    count(context, document, worked.counted, on)
    post(context, document, company, "cash", on, lines)
    told = {name: getattr(data, name) for name in PaymentMade.model_fields if hasattr(data, name)}
    context.emit(PaymentMade(**told, id=document.id, number=str(document.number)), document)
    tell_settled(context, document, supplier, settled, answered)
    return _answer(document, data, shown(lines), [event.type for event, _ in context.work.events])


def void(command: VoidSupplierPayment, context: Context) -> SupplierPayment:
    """Void a payment: its entry reversed, its bills open again. Raises AdvanceUsed, Conflict, PeriodClosed."""
    stored = effects(context, TYPE, command.id)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("made",), "voided")
    data = document.read(SupplierPaymentData)
    company = company_of(context, str(data.company.id))
    on = void_day(context, document, company, command.date)
    entries = take_back(context, stored, company, "cash", on, data.supplier)
    count_back(context, document, data.withholding_counts or (), on)
    data = data.model_copy(update={"void_reason": command.reason, "voided_on": on})
    documents.change(context, document, status="void", data=data)
    told = SupplierPaymentVoided(
        id=document.id,
        number=str(document.number),
        supplier=data.supplier,
        date=data.date,
        voided_on=on,
        reason=command.reason,
        currency=data.currency,
        amount=data.amount,
    )
    context.emit(told, document)
    events = [*stored.events, *(event.type for event, _ in context.work.events)]
    return _answer(document, data, shown_entries(entries), events)


def list_all(query: SupplierPaymentList, context: Context) -> Page[SupplierPaymentSummary]:
    """A page of payments to suppliers, newest first unless sorted."""
    part = listing.part_of(SupplierPaymentSummary, SupplierPaymentData)
    found, following = listing.page(context, TYPE, query, beside=AMOUNT_LEFT, part=part)
    shown = [_summary(one, one.document.read(part)) for one in found]
    return Page[SupplierPaymentSummary](data=shown, next_cursor=following)


def get(reference: SupplierPaymentReference, context: Context) -> SupplierPayment:
    """One payment by id or number, as it was answered when it was recorded; one statement. Raises NotFound."""
    stored = effects(context, TYPE, reference.id)
    data = stored.document.read(SupplierPaymentData)
    return _answer(stored.document, data, shown_entries(stored.entries), stored.events)


def _allocated(
    new: NewSupplierPayment, found: OpenDocuments, company: Entry[Company], currency: str, on: dt.date
) -> tuple[list[Settled], Decimal]:
    """The documents the payment is for with what each of them gets, and what is left of the money."""
    credited = Decimal(0)
    if new.allocations is None:
        parts = open_bills(found, currency)
    else:
        parts = named_documents(found, new.allocations, "/allocations", (-1, 1))
        check_currency(parts, currency, "/allocations")
        credited = use_credits(parts, new.allocations, "/allocations")
    if new.early_discounts:
        for one in parts:
            one.offers = offers(one.document, one.items, on, company)
    each = company.data.policies.early_payment_discount == "any_payment"
    given_up = new.write_off.amount if new.write_off else Decimal(0)
    if new.amount + given_up <= 0:
        raise _given_up_too_much(new, -given_up, currency)
    left = pay_bills(parts, new.allocations, new.amount + given_up + credited, each)
    if left and given_up < 0:
        raise OverAllocated(
            f"{left} {currency} would still be left over. Write off {left - given_up}, or nothing to keep an advance.",
            errors=[FieldError("/write_off/amount", "over_allocated", "write off all that was paid too much")],
        )
    if left and given_up:
        raise OverAllocated(
            f"{left} {currency} would be left over while {given_up} is written off. Write off less.",
            errors=[FieldError("/write_off/amount", "over_allocated", "write off only what is missing")],
        )
    if given_up < 0 and _still_open(parts, new.allocations):
        raise _given_up_too_much(new, -given_up, currency)
    if left > new.amount:
        raise OverAllocated(
            f"The supplier's credits are {left - new.amount} {currency} more than the bills need. Use less of them.",
            errors=[FieldError("/allocations", "over_allocated", "use only what the bills need")],
        )
    return parts, left


def _still_open(parts: Sequence[Settled], asked: Sequence[SupplierAllocation] | None) -> bool:
    """Whether a bill that no amount was named for is not settled whole."""
    unasked = [one for index, one in enumerate(parts) if asked is None or asked[index].amount is None]
    return any(one.amount != one.open for one in unasked if one.open < 0)


def _given_up_too_much(new: NewSupplierPayment, given_up: Decimal, currency: str) -> OverAllocated:
    return OverAllocated(
        f"{given_up} {currency} cannot be written off of a payment of {new.amount} {currency}.",
        errors=[FieldError("/write_off/amount", "over_allocated", "write off at most what was paid too much")],
    )


def _withheld(
    new: NewSupplierPayment,
    found: OpenDocuments,
    settled: Sequence[Settled],
    context: Context,
    company: Entry[Company],
    on: dt.date,
) -> Withheld:
    """What is kept back of the payment. Raises InvalidRequest where nothing is left to tell its worth by."""
    if not new.withhold:
        return NOTHING
    currency = new.currency or company.data.currency
    rule = rule_of(found.supplier, context, company, on)
    worked = withheld(rule, paid_parts(settled, "bill"), paid_parts(settled, "supplier_credit"), company, currency)
    if worked.kept and worked.kept.amount == new.amount and new.account_amount is not None:
        raise InvalidRequest(
            "All of it is withheld, so nothing leaves the account. Leave out account_amount.",
            errors=[FieldError("/account_amount", "nothing_paid", "give an exchange rate where one is needed")],
        )
    return worked


def _value(settled: Sequence[Settled], left: Decimal, given: Decimal, base: str) -> Decimal:
    """Say what all shares are worth, and answer that of what is left over; ``given`` is what all of it is worth.

    Credits count as they stand in the books, so that money alone makes an exchange difference, on the bills.
    """
    credited = [share for one in settled for share in one.shares if share.amount > 0]
    for share in credited:
        share.base_amount = share.worth = share.item.carried(share.amount, base)
    worth = given + sum((share.worth for share in credited), Decimal(0))
    bills = [share for one in settled for share in one.shares if share.amount < 0]
    return -value(bills, -left, -worth, base)


def _in_base(money: Money, left: Decimal, settled: Sequence[Settled]) -> SupplierPaymentInBase:
    return SupplierPaymentInBase(
        currency=money.base,
        exchange_rate=round(money.rate.per_unit, 12),
        amount=money.base_amount,
        unallocated=left + nothing(money.base),
        exchange_difference=sum((one.difference for one in settled), nothing(money.base)),
    )


def _check_scale(new: NewSupplierPayment, currency: str, kept: str | None) -> None:
    """Money that changes hands has no fractions of the smallest unit; ``kept`` is the account's other currency."""
    given_up = new.write_off.amount if new.write_off else None
    amounts = [("/amount", new.amount, currency), ("/write_off/amount", given_up, currency)]
    check_scale([*amounts, ("/account_amount", new.account_amount if kept else None, kept or currency)])


def _summary(listed: listing.Listed, data: SupplierPaymentData) -> SupplierPaymentSummary:
    document = listed.document
    fields = {name: getattr(data, name) for name in SupplierPaymentSummary.model_fields if hasattr(data, name)}
    return SupplierPaymentSummary(
        **fields,
        id=document.id,
        number=document.number or "",
        status=document.status,
        version=document.version,
        amount_left=Decimal(listed.beside or 0) + nothing(data.currency),
    )


def _answer(document: Document, data: SupplierPaymentData, posting: Posting, events: list[str]) -> SupplierPayment:
    return SupplierPayment(
        **dict(data),
        id=document.id,
        number=document.number or "",
        status=document.status,
        version=document.version,
        posting=posting,
        events=events,
        links=links("supplier-payments", document.id),
        metadata=document.metadata,
    )
