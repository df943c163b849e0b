"""Payments received: money to the bank, open items settled, what is left kept as an advance."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.kernel import (
    Context,
    Document,
    Entry,
    FieldError,
    InvalidRequest,
    Problem,
    Ref,
    UnknownReference,
    configuration,
    database,
    documents,
)
from bigledger.kernel.configuration import unknown
from bigledger.kernel.documents import is_id
from bigledger.kernel.money import quantum
from bigledger.ledger import JournalLine, check_open, post, shown
from bigledger.receivables.events import InvoicePaid, InvoicePartiallyPaid, PaymentReceived
from bigledger.receivables.model import NewPayment, Payment, PaymentData, SettledInvoice, links
from bigledger.receivables.posting import EXPOSURE, OPEN_ITEM, SETTLEMENT
from bigledger.receivables.queries import PaymentInputs, payment_inputs
from bigledger.records import Account, Company, company_of, number_for


class OverAllocated(Problem):
    """More would be allocated than is open, or than was paid; ``errors`` points at each allocation."""

    title = "The allocation is too large"


database.constraint(
    "settlement_within_open_item",
    lambda: OverAllocated("Another payment settled these invoices while this one was being made."),
)


@dataclass(slots=True)
class Share:
    """What of a payment settles one open item; amounts in its currency and in base currency."""

    item: dict[str, Any]
    amount: Decimal
    base_amount: Decimal


@dataclass(slots=True)
class Settled:
    """An invoice, what is open of it before the payment, and the shares it gets."""

    document: Document
    items: list[dict[str, Any]]
    shares: list[Share] = field(default_factory=list)

    @property
    def open(self) -> Decimal:
        """What was open before the payment."""
        return sum((_open(item) for item in self.items), Decimal(0))

    @property
    def amount(self) -> Decimal:
        """What the payment settles of it."""
        return sum((share.amount for share in self.shares), Decimal(0))


def record(new: NewPayment, context: Context) -> Payment:
    """Record a payment: posted to the bank, allocated to invoices, its remainder kept as an advance.

    Raises UnknownReference, OverAllocated, PeriodClosed, and InvalidRequest for a foreign currency.
    """
    company = company_of(context, new.company)
    on = new.date or context.clock.today(company.data.timezone)
    check_open(context, company, "sales", on)
    currency = _currency(new, company)
    _check_scale(new, currency)
    accounts = _accounts(new, context, company)
    named = [allocation.invoice for allocation in new.allocations or []]
    inputs = payment_inputs(context, company.id, new.customer, named)
    invoices = _invoices(new, inputs)
    if inputs is None:
        raise LookupError("the customer was checked")
    written_off = new.write_off.amount if new.write_off else Decimal(0)
    left = _allocate(new, invoices, new.amount + written_off)
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
        company=Ref(id=company.id, code=company.code, name=company.data.name),
        customer=customer,
        date=on,
        currency=currency,
        amount=new.amount.quantize(quantum(currency)),
        account=Ref(id=accounts["bank"].id, code=accounts["bank"].code, name=accounts["bank"].data.name),
        allocations=answered,
        unallocated=left.quantize(quantum(currency)),
        written_off=written_off.quantize(quantum(currency)) if written_off else None,
        method=new.method,
        reference=new.reference,
    )
    document.data = data
    lines = _journal_lines(context, new, settled, accounts, customer.id, currency, left)
    post(context, document, company, "sales", on, lines)
    if left:
        _open_advance(context, document, company, customer.id, accounts["advances"], left)
    _relieve(context, document, company, customer.id, settled)
    _tell(context, document, data, settled, answered)
    return Payment(
        **dict(data),
        id=document.id,
        number=document.number or "",
        status=document.status,
        version=document.version,
        posting=shown(lines),
        events=[event.type for event, _ in context.work.events],
        links=links("payments", document.id),
    )


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
    known = configuration(context)
    defaults = company.data.accounts
    accounts = {
        "bank": known.get(Account, new.account or defaults.bank, "/account"),
        "advances": known.get(Account, defaults.customer_advances),
    }
    if new.write_off:
        accounts["write_off"] = known.get(Account, new.write_off.account, "/write_off/account")
    return accounts


def _invoices(new: NewPayment, inputs: PaymentInputs | None) -> list[Settled]:
    """The invoices the payment may settle, in the order it settles them. Raises UnknownReference."""
    if inputs is None:
        raise UnknownReference(
            f"There is no active customer {new.customer}.", errors=[unknown("customer", new.customer, "/customer")]
        )
    by_id: dict[UUID, Settled] = {}
    for document in inputs.invoices:
        items = [dict(item) for item in inputs.items if item["document_id"] == str(document.id)]
        by_id[document.id] = Settled(document, items)
    if new.allocations is None:
        order = dict.fromkeys(UUID(item["document_id"]) for item in inputs.items)
        return [by_id[identifier] for identifier in order]
    by_reference = {str(document.id): by_id[document.id] for document in inputs.invoices}
    by_reference |= {document.number: by_id[document.id] for document in inputs.invoices if document.number}
    named = [
        by_reference.get(allocation.invoice.lower() if is_id(allocation.invoice) else allocation.invoice)
        for allocation in new.allocations
    ]
    errors = [
        unknown("invoice", allocation.invoice, f"/allocations/{index}/invoice")
        for index, (allocation, invoice) in enumerate(zip(new.allocations, named, strict=True))
        if invoice is None or str(invoice.document.party_id) != inputs.customer["id"]
    ]
    if errors:
        raise UnknownReference("Some allocations name no invoice of this customer.", errors=errors)
    return [invoice for invoice in named if invoice is not None]


def _allocate(new: NewPayment, invoices: Sequence[Settled], available: Decimal) -> Decimal:
    """Give each invoice its shares, its instalments in order of their due dates; answers what is left."""
    errors = []
    left = available
    for index, invoice in enumerate(invoices):
        wanted = new.allocations[index].amount if new.allocations else None
        share = min(invoice.open, left) if wanted is None else wanted
        pointer = f"/allocations/{index}/amount"
        if share > invoice.open:
            errors.append(FieldError(pointer, "over_allocated", f"only {invoice.open} is open of this invoice"))
        elif share > left:
            errors.append(FieldError(pointer, "over_allocated", f"only {left} of the payment is left"))
        elif new.allocations and invoice.open == 0:
            errors.append(FieldError(f"/allocations/{index}/invoice", "nothing_open", "nothing of it is open"))
        else:
            _share(invoice, share)
            left -= share
    if errors:
        raise OverAllocated("Some allocations are more than is open or than is left of the payment.", errors=errors)
    return left


def _share(invoice: Settled, amount: Decimal) -> None:
    for item in invoice.items:
        part = min(_open(item), amount)
        if part:
            invoice.shares.append(Share(item, part, part))
            amount -= part


def _open(item: dict[str, Any]) -> Decimal:
    return Decimal(item["amount"]) - Decimal(item["settled"])


def _settle(context: Context, payment: Document, invoice: Settled, on: Any) -> SettledInvoice:
    """Stage the settlements of one invoice and its new status."""
    context.work.append(
        SETTLEMENT,
        [
            {
                "id": context.new_id(),
                "open_item_id": share.item["id"],
                "document_id": payment.id,
                "effective_date": on,
                "amount": share.amount,
                "base_amount": share.base_amount,
            }
            for share in invoice.shares
        ],
    )
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
    customer_id: UUID | None,
    currency: str,
    left: Decimal,
) -> list[JournalLine]:
    """Bank and write-off to receivables and advances, a line per account of the open items."""
    known = configuration(context)
    lines = [JournalLine(accounts["bank"], new.amount, currency)]
    if new.write_off:
        lines.append(JournalLine(accounts["write_off"], new.write_off.amount, currency, party_id=customer_id))
    receivable: dict[str, Decimal] = {}
    for invoice in settled:
        for share in invoice.shares:
            account = share.item["account_id"]
            receivable[account] = receivable.get(account, Decimal(0)) + share.amount
    lines += [
        JournalLine(known.get(Account, account), -amount, currency, party_id=customer_id)
        for account, amount in receivable.items()
    ]
    if left:
        lines.append(JournalLine(accounts["advances"], -left, currency, party_id=customer_id))
    return lines


def _open_advance(
    context: Context,
    payment: Document,
    company: Entry[Company],
    customer_id: UUID | None,
    account: Entry[Account],
    amount: Decimal,
) -> None:
    """Keep what is left of a payment as an open item in the customer's favour."""
    context.work.append(
        OPEN_ITEM,
        [
            {
                "id": context.new_id(),
                "document_id": payment.id,
                "instalment": 1,
                "company_id": company.id,
                "customer_id": customer_id,
                "account_id": account.id,
                "effective_date": payment.date,
                "due_date": payment.date,
                "currency": payment.currency,
                "amount": -amount,
                "base_amount": -amount,
            }
        ],
    )


def _relieve(
    context: Context,
    payment: Document,
    company: Entry[Company],
    customer_id: UUID | None,
    settled: Sequence[Settled],
) -> None:
    """Take what was settled off the customer's exposure."""
    amount = sum((share.base_amount for invoice in settled for share in invoice.shares), Decimal(0))
    if amount:
        context.work.append(
            EXPOSURE,
            [
                {
                    "document_id": payment.id,
                    "entry": 1,
                    "cause_id": payment.id,
                    "company_id": company.id,
                    "customer_id": customer_id,
                    "amount": -amount,
                    "ceiling": None,
                }
            ],
        )


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
