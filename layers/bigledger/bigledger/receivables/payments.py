"""Payments received: money to the bank, open items settled, what is left kept as an advance."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from bigledger.kernel import (
    Context,
    Document,
    Entry,
    FieldError,
    InvalidRequest,
    Ref,
    configuration,
    documents,
    enabled,
    permissions,
)
from bigledger.kernel.flags import MATCH_EXACT_PAYMENTS
from bigledger.kernel.money import quantum
from bigledger.ledger import (
    DueInstalment,
    JournalLine,
    OverAllocated,
    Posting,
    account_for,
    check_open,
    open_items,
    post,
    settle,
    shown,
    shown_entries,
)
from bigledger.receivables import queries
from bigledger.receivables.allocation import Settled, allocate, check_dates, exact_first, invoices_of
from bigledger.receivables.events import InvoicePaid, InvoicePartiallyPaid, PaymentReceived
from bigledger.receivables.model import (
    NewPayment,
    Payment,
    PaymentData,
    PaymentReference,
    SettledInvoice,
    links,
)
from bigledger.receivables.posting import expose
from bigledger.records import Account, Company, company_of, number_for

WRITE_OFF = "receivables.write_off"
"""The permission to give up a part of what a customer owes."""


def record(new: NewPayment, context: Context) -> Payment:
    """Record a payment: posted to the bank, allocated to invoices, its remainder kept as an advance.

    Raises UnknownReference, OverAllocated, DatedTooEarly, PeriodClosed, Forbidden for a write-off without its
    permission, those of ``account_for``, and InvalidRequest for a foreign currency.
    """
    if new.write_off:
        permissions.require(context.actor, WRITE_OFF)
    company = company_of(context, new.company)
    on = new.date or context.clock.today(company.data.timezone)
    check_open(context, company, "cash", on)
    currency = _currency(new, company)
    _check_scale(new, currency)
    accounts = _accounts(new, context, company)
    named = [allocation.invoice for allocation in new.allocations or []]
    inputs = queries.payment_inputs(context, company.id, new.customer, named)
    invoices = invoices_of(new, inputs)
    if inputs is None:
        raise LookupError("the customer was checked")
    written_off = new.write_off.amount if new.write_off else Decimal(0)
    if new.allocations is None and enabled(MATCH_EXACT_PAYMENTS, context):
        invoices = exact_first(invoices, new.amount + written_off, on)
    left = allocate(new, invoices, new.amount + written_off)
    check_dates(new, invoices, on)
    settled = [invoice for invoice in invoices if invoice.shares]
    if written_off > sum((invoice.amount for invoice in settled), Decimal(0)):
        raise OverAllocated(
            "The write-off is more than the invoices it is for.",
            errors=[FieldError("/write_off/amount", "over_allocated", "write off at most what is settled")],
        )
    if written_off and left:
        raise OverAllocated(
            f"{left} {currency} would be left over while {written_off} is written off. Write off less.",
            errors=[FieldError("/write_off/amount", "over_allocated", "write off only what is missing")],
        )
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
    answered = [_settle(context, document, invoice, on) for invoice in settled]
    data = PaymentData(
        company=company.ref,
        customer=customer,
        date=on,
        currency=currency,
        amount=new.amount.quantize(quantum(currency)),
        account=accounts["bank"].ref,
        allocations=answered,
        unallocated=left.quantize(quantum(currency)),
        written_off=written_off.quantize(quantum(currency)) if written_off else None,
        write_off_account=accounts["write_off"].ref if new.write_off else None,
        write_off_reason=new.write_off.reason if new.write_off else None,
        method=new.method,
        reference=new.reference,
    )
    document.data = data
    lines = _journal_lines(context, new, settled, accounts, customer, currency)
    if left:
        advances = account_for(context, "advances", company.data.accounts.customer_advances, "/company")
        lines.append(JournalLine(advances, -left, currency, party_id=customer.id, text=_text(new, customer)))
        open_items(context, document, "receivable", advances, [DueInstalment(due_date=on, amount=-left)])
    post(context, document, company, "cash", on, lines)
    relieved = sum((share.base_amount for invoice in settled for share in invoice.shares), Decimal(0))
    if relieved:
        expose(context, document, -relieved)
    _tell(context, document, data, settled, answered)
    return _answer(document, data, shown(lines), [event.type for event, _ in context.work.events])


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


def _currency(new: NewPayment, company: Entry[Company]) -> str:
    if new.currency not in (None, company.data.currency):
        raise InvalidRequest(
            f"{company.code} keeps its books in {company.data.currency} and knows no rate for {new.currency}.",
            errors=[FieldError("/currency", "exchange_rate_missing", f"use {company.data.currency}")],
        )
    return company.data.currency


def _check_scale(new: NewPayment, currency: str) -> None:
    """Money that changes hands has no fractions of the smallest unit."""
    amounts = {"/amount": new.amount}
    if new.write_off:
        amounts["/write_off/amount"] = new.write_off.amount
    for index, allocation in enumerate(new.allocations or []):
        if allocation.amount is not None:
            amounts[f"/allocations/{index}/amount"] = allocation.amount
    errors = [
        FieldError(pointer, "too_precise", f"{currency} has no smaller unit than {quantum(currency)}")
        for pointer, amount in amounts.items()
        if amount % quantum(currency)
    ]
    if errors:
        raise InvalidRequest("Some amounts are finer than the currency.", errors=errors)


def _accounts(new: NewPayment, context: Context, company: Entry[Company]) -> dict[str, Entry[Account]]:
    """Where the money arrived, and what bears the write-off."""
    pointer = "/account" if new.account else "/company"
    accounts = {"bank": account_for(context, "money", new.account or company.data.accounts.bank, pointer)}
    if new.write_off:
        accounts["write_off"] = account_for(context, "write_off", new.write_off.account, "/write_off/account")
    return accounts


def _settle(context: Context, payment: Document, invoice: Settled, on: dt.date) -> SettledInvoice:
    """Stage the settlements of one invoice and its new status."""
    settle(context, payment, on, [(share.item["id"], share.amount, share.base_amount) for share in invoice.shares])
    due = invoice.open - invoice.amount
    document = documents.change(context, invoice.document, status="partially_paid" if due else "paid")
    context.work.link(document.id, payment.id, "payment")
    unit = quantum(str(document.currency))
    return SettledInvoice(
        invoice=Ref(id=document.id, code=str(document.number)),
        amount=invoice.amount.quantize(unit),
        amount_due=due.quantize(unit),
        status=document.status,
    )


def _journal_lines(
    context: Context,
    new: NewPayment,
    settled: Sequence[Settled],
    accounts: dict[str, Entry[Account]],
    customer: Ref,
    currency: str,
) -> list[JournalLine]:
    """Bank and write-off to receivables, a line per account of the open items."""
    known = configuration(context)
    text = _text(new, customer)
    lines = [JournalLine(accounts["bank"], new.amount, currency, party_id=customer.id, text=text)]
    if new.write_off:
        write_off = new.write_off
        lines.append(
            JournalLine(accounts["write_off"], write_off.amount, currency, party_id=customer.id, text=write_off.reason)
        )
    receivable: dict[str, Decimal] = {}
    for invoice in settled:
        for share in invoice.shares:
            account = share.item["account_id"]
            receivable[account] = receivable.get(account, Decimal(0)) + share.amount
    lines += [
        JournalLine(known.get(Account, account), -amount, currency, party_id=customer.id, text=text)
        for account, amount in receivable.items()
    ]
    return lines


def _tell(
    context: Context,
    payment: Document,
    data: PaymentData,
    settled: Sequence[Settled],
    answered: Sequence[SettledInvoice],
) -> None:
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
            account=data.account,
            written_off=data.written_off,
            write_off_account=data.write_off_account,
            write_off_reason=data.write_off_reason,
        ),
        payment,
    )
    for invoice, answer in zip(settled, answered, strict=True):
        event = InvoicePaid if answer.status == "paid" else InvoicePartiallyPaid
        context.emit(
            event(
                id=invoice.document.id,
                number=str(invoice.document.number),
                customer=data.customer,
                currency=data.currency,
                amount=answer.amount,
                amount_due=answer.amount_due,
                payment_id=payment.id,
            ),
            invoice.document,
        )
