"""Payments received: money to the bank, open items settled, what is left kept as an advance."""

from collections.abc import Sequence
from decimal import Decimal

from bigledger.kernel import (
    Context,
    Document,
    FieldError,
    Page,
    Ref,
    documents,
    enabled,
    listing,
    permissions,
)
from bigledger.kernel.flags import MATCH_EXACT_PAYMENTS
from bigledger.kernel.money import quantum
from bigledger.ledger import (
    DueInstalment,
    JournalLine,
    Money,
    OverAllocated,
    Posting,
    Settled,
    account_for,
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
from bigledger.receivables import queries
from bigledger.receivables.allocation import (
    allocate,
    check_dates,
    earliest_first,
    exact_first,
    still_open,
    targets_of,
)
from bigledger.receivables.credit_queries import AMOUNT_LEFT, effects
from bigledger.receivables.early_payment import discount_lines, lowered_taxes, offers
from bigledger.receivables.events import PaymentReceived, PaymentVoided
from bigledger.receivables.matching import settle_invoice, tell_settled
from bigledger.receivables.model import links
from bigledger.receivables.payment_model import (
    NewPayment,
    Payment,
    PaymentData,
    PaymentInBase,
    PaymentList,
    PaymentReference,
    PaymentSummary,
    VoidPayment,
)
from bigledger.receivables.taking_back import take_back
from bigledger.records import company_of, number_for
from bigledger.tax import taxes_due

WRITE_OFF = "receivables.write_off"
"""The permission to give up a part of what a customer owes."""


def record(new: NewPayment, context: Context) -> Payment:
    """Record a payment: posted to the bank, allocated to invoices, its remainder kept as an advance.

    Raises UnknownReference, OverAllocated, DatedTooEarly, PeriodClosed, Forbidden for a write-off without its
    permission, those of ``way_of`` and of ``money_of``.
    """
    if new.write_off:
        permissions.require(context.actor, WRITE_OFF)
    company = company_of(context, new.company)
    on = new.date or context.clock.today(company.data.timezone)
    check_open(context, company, "cash", on)
    base = company.data.currency
    currency = new.currency or base
    way = way_of(context, new, company, currency, "receipts")
    losing = new.write_off and account_for(context, "write_off", new.write_off.account, "/write_off/account")
    kept = kept_in(way.account, currency)
    _check_scale(new, currency, kept)
    inputs = queries.payment_inputs(context, company, new, currency, kept, on)
    targets = targets_of(new, inputs, currency, company)
    if inputs is None:
        raise LookupError("the customer was checked")
    money = money_of(new, new.amount, way.account, currency, base, on, inputs.rate, inputs.account_rate)
    written_off = new.write_off.amount if new.write_off else Decimal(0)
    parts = {target.part.document.id: target.part for target in targets}
    if new.early_discounts:
        for part in parts.values():
            part.offers = offers(part.document, part.items, on, company)
    if new.allocations is None:
        exact = enabled(MATCH_EXACT_PAYMENTS, context)
        targets = exact_first(targets, new.amount + written_off, on) if exact else earliest_first(targets)
    each = company.data.policies.early_payment_discount == "any_payment"
    left = allocate(targets, new.amount + written_off, each)
    check_dates(new, targets, on)
    settled = [part for part in dict.fromkeys(target.part for target in targets) if part.shares]
    discount = sum((part.discount for part in settled), Decimal(0))
    if written_off > sum((invoice.amount for invoice in settled), Decimal(0)):
        raise OverAllocated(
            "The write-off is more than the invoices it is for.",
            errors=[FieldError("/write_off/amount", "over_allocated", "write off at most what is settled")],
        )
    if new.amount + written_off <= 0 or (written_off < 0 and still_open(targets)):
        raise OverAllocated(
            f"{-written_off} {currency} cannot be written off of a payment of {new.amount} {currency}.",
            errors=[FieldError("/write_off/amount", "over_allocated", "write off at most what was paid too much")],
        )
    if written_off < 0 and left:
        raise OverAllocated(
            f"{left} {currency} would still be left over."
            f" Write off {left - written_off}, or nothing to keep an advance.",
            errors=[FieldError("/write_off/amount", "over_allocated", "write off all that was paid too much")],
        )
    if written_off and left:
        raise OverAllocated(
            f"{left} {currency} would be left over while {written_off} is written off. Write off less.",
            errors=[FieldError("/write_off/amount", "over_allocated", "write off only what is missing")],
        )
    by_spot = inputs.rate if new.account_amount is not None and new.exchange_rate is None else None
    given_up = (by_spot or money.rate).to_base(written_off, base)
    shares = [share for invoice in settled for share in invoice.shares]
    left_in_base = value(shares, left, money.base_amount + given_up, base)
    customer = Ref(**inputs.customer)
    document = Document(
        id=new.id or context.new_id(),
        type="payment",
        status="received",
        data={},
        company_id=company.id,
        party_id=customer.id,
        date=on,
        currency=currency,
        total=new.amount,
        metadata=dict(new.metadata),
        posted_at=context.now,
        number=number_for(context, "payment", company, on),
    )
    documents.create(context, document)
    answered = [settle_invoice(context, document, invoice, on, "payment") for invoice in settled]
    data = PaymentData(
        company=company.ref,
        customer=customer,
        date=on,
        currency=currency,
        amount=new.amount.quantize(quantum(currency)),
        account=way.account.ref,
        allocations=answered,
        unallocated=left.quantize(quantum(currency)),
        base=_in_base(money, left_in_base, settled) if money.foreign else None,
        account_currency=money.account_currency,
        account_amount=money.account_amount,
        discount=discount.quantize(quantum(currency)) if discount else None,
        written_off=written_off.quantize(quantum(currency)) if written_off else None,
        write_off_account=losing.ref if losing else None,
        write_off_reason=new.write_off.reason if new.write_off else None,
        payment_method=way.method,
        method=new.method,
        reference=new.reference,
    )
    document.data = data
    text = _text(new, customer)
    lines = [money.line(party_id=customer.id, text=text)]
    if new.write_off and losing:
        reason = new.write_off.reason
        lines.append(JournalLine(losing, written_off, currency, given_up, party_id=customer.id, text=reason))
    lines += settled_lines(context, settled, currency, customer.id, text)
    lines += discount_lines(context, company, settled, customer.id)
    lines += difference_lines(context, company, settled, currency, customer.id)
    lines += taxes_due(context, document, company, on, settled, lowered_taxes(context, company, settled), by_money=True)
    if left:
        advances = account_for(context, "advances", company.data.accounts.customer_advances, "/company")
        lines.append(JournalLine(advances, -left, currency, -left_in_base, party_id=customer.id, text=text))
        advance = [DueInstalment(due_date=on, amount=-left)]
        open_items(context, document, "receivable", advances, advance, [-left_in_base])
    post(context, document, company, "cash", on, lines)
    _tell(context, document, data)
    tell_settled(context, document, customer, settled, answered)
    return _answer(document, data, shown(lines), [event.type for event, _ in context.work.events])


def void(command: VoidPayment, context: Context) -> Payment:
    """Void a payment: its entry reversed, its invoices open again. Raises Allocated, Conflict, PeriodClosed."""
    stored = effects(context, "payment", command.id)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("received",), "voided")
    data = document.read(PaymentData)
    company = company_of(context, str(data.company.id))
    on = void_day(context, document, company, command.date)
    entries = take_back(context, stored, company, "cash", on, data.customer)
    data = data.model_copy(update={"void_reason": command.reason, "voided_on": on})
    documents.change(context, document, status="void", data=data)
    told = PaymentVoided(
        id=document.id,
        number=str(document.number),
        customer=data.customer,
        date=data.date,
        voided_on=on,
        reason=command.reason,
        currency=data.currency,
        amount=data.amount,
    )
    context.emit(told, document)
    events = [*stored.events, *(event.type for event, _ in context.work.events)]
    return _answer(document, data, shown_entries(entries), events)


def list_all(query: PaymentList, context: Context) -> Page[PaymentSummary]:
    """A page of payments, newest first unless sorted."""
    part = listing.part_of(PaymentSummary, PaymentData)
    found, following = listing.page(context, "payment", query, beside=AMOUNT_LEFT, part=part)
    return Page[PaymentSummary](data=[_summary(one, one.document.read(part)) for one in found], next_cursor=following)


def _summary(listed: listing.Listed, data: PaymentData) -> PaymentSummary:
    document = listed.document
    shown_too = {name: getattr(data, name) for name in PaymentSummary.model_fields if hasattr(data, name)}
    left = Decimal(listed.beside or 0).quantize(quantum(data.currency))
    return PaymentSummary(
        **shown_too,
        id=document.id,
        number=document.number or "",
        status=document.status,
        version=document.version,
        amount_left=left,
    )


def get(reference: PaymentReference, context: Context) -> Payment:
    """One payment by id or number, as it was answered when it was recorded; one statement. Raises NotFound."""
    stored = queries.payment(context, reference.id)
    return _answer(stored.document, stored.document.read(PaymentData), shown_entries(stored.entries), stored.events)


def _answer(document: Document, data: PaymentData, posting: Posting, events: list[str]) -> Payment:
    return Payment(
        **dict(data),
        id=document.id,
        number=document.number or "",
        status=document.status,
        version=document.version,
        posting=posting,
        events=events,
        links=links("payments", document.id),
        metadata=document.metadata,
    )


def _text(new: NewPayment, customer: Ref) -> str:
    """What the journal says of the payment: from whom, and what it was sent with."""
    return f"{customer.name}, {new.reference}" if new.reference else str(customer.name)


def _in_base(money: Money, left: Decimal, settled: Sequence[Settled]) -> PaymentInBase:
    unit = quantum(money.base)
    return PaymentInBase(
        currency=money.base,
        exchange_rate=round(money.rate.per_unit, 12),
        amount=money.base_amount,
        unallocated=left.quantize(unit),
        exchange_difference=sum((invoice.difference for invoice in settled), Decimal(0)).quantize(unit),
    )


def _check_scale(new: NewPayment, currency: str, kept: str | None) -> None:
    """Money that changes hands has no fractions of the smallest unit; ``kept`` is the account's other currency."""
    given_up = new.write_off.amount if new.write_off else None
    asked = enumerate(new.allocations or [])
    amounts = [("/amount", new.amount, currency), ("/write_off/amount", given_up, currency)]
    amounts += [(f"/allocations/{index}/amount", allocation.amount, currency) for index, allocation in asked]
    check_scale([*amounts, ("/account_amount", new.account_amount if kept else None, kept or currency)])


def _tell(context: Context, payment: Document, data: PaymentData) -> None:
    context.emit(
        PaymentReceived(
            id=payment.id,
            number=str(payment.number),
            company=data.company,
            customer=data.customer,
            date=data.date,
            currency=data.currency,
            amount=data.amount,
            allocations=data.allocations,
            unallocated=data.unallocated,
            base=data.base,
            account_currency=data.account_currency,
            account_amount=data.account_amount,
            account=data.account,
            payment_method=data.payment_method,
            discount=data.discount,
            written_off=data.written_off,
            write_off_account=data.write_off_account,
            write_off_reason=data.write_off_reason,
        ),
        payment,
    )
