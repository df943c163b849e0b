"""Write-offs: what a customer will not pay of its invoices, given up with a reason and borne by an account."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from bigledger.kernel import (
    Amount,
    Answer,
    Command,
    Context,
    Day,
    Document,
    FieldError,
    InvalidRequest,
    Ref,
    Reference,
    Text,
    documents,
)
from bigledger.kernel.money import quantum
from bigledger.ledger import (
    JournalLine,
    OverAllocated,
    Posting,
    account_for,
    check_dates,
    check_open,
    post,
    settled_lines,
    shown,
    too_fine,
)
from bigledger.receivables.allocation import Target
from bigledger.receivables.allocations import named_targets, open_for
from bigledger.receivables.events import WriteOffPosted
from bigledger.receivables.matching import settle_invoice, tell_settled
from bigledger.receivables.model import Links, links
from bigledger.receivables.payment_model import Allocation, SettledInvoice
from bigledger.records import company_of, number_for
from bigledger.tax import taxes_due


class NewWriteOff(Command):
    """What is given up of a customer's open invoices: all that is open of each, or an amount in its currency.

    ``account`` bears it, the company's account of bad debts when absent. Taxes stay as they were invoiced: where
    the law gives them back for a bad debt, credit the invoice instead.
    """

    customer: Reference
    invoices: Annotated[list[Allocation], Field(min_length=1, max_length=200)]
    reason: Text
    company: Reference | None = None
    account: Reference | None = None
    date: Day | None = None


class WriteOffData(Answer):
    """What is stored of a write-off besides the columns of its document. Amounts are in ``currency``.

    ``base_amount`` is what the invoices stood at in the books; there is no exchange difference in giving up.
    """

    company: Ref
    customer: Ref
    date: dt.date
    currency: str
    amount: Amount
    base_amount: Amount
    account: Ref
    reason: str
    invoices: list[SettledInvoice]


class WriteOffMade(WriteOffData):
    """A write-off, posted."""

    id: UUID
    number: str
    status: str
    version: int
    posting: Posting
    events: list[str]
    links: Links


def create(new: NewWriteOff, context: Context) -> WriteOffMade:
    """Give up what is open of invoices.

    Raises UnknownReference, OverAllocated, DatedTooEarly, PeriodClosed, those of ``account_for``, and InvalidRequest
    for invoices of several currencies.
    """
    company = company_of(context, new.company)
    reference = new.account or company.data.accounts.bad_debts
    account = account_for(context, "write_off", reference, "/account" if new.account else "/company")
    on = new.date or context.clock.today(company.data.timezone)
    check_open(context, company, "sales", on)
    everything = any(one.kind == "open_item" for one in new.invoices)
    found = open_for(context, company, new.customer, None if everything else [one.name for one in new.invoices])
    targets = named_targets(found, new.invoices)
    currency = targets[0].items[0].currency
    _take(targets, currency)
    settled = list(dict.fromkeys(target.part for target in targets))
    check_dates(settled, on)
    shares = [share for one in settled for share in one.shares]
    for share in shares:
        share.base_amount = share.worth = share.item.carried(share.amount, company.data.currency)
    amount = sum((share.amount for share in shares), Decimal(0)).quantize(quantum(currency))
    base_amount = sum((share.base_amount for share in shares), Decimal(0)).quantize(quantum(company.data.currency))
    customer = Ref(**found.customer)
    document = Document(
        id=context.new_id(),
        type="write_off",
        status="posted",
        data={},
        company_id=company.id,
        party_id=customer.id,
        date=on,
        currency=currency,
        total=amount,
        posted_at=context.now,
        number=number_for(context, "write_off", company, on),
    )
    documents.create(context, document)
    answered = [settle_invoice(context, document, one, on, "write_off") for one in settled]
    data = WriteOffData(
        company=company.ref,
        customer=customer,
        date=on,
        currency=currency,
        amount=amount,
        base_amount=base_amount,
        account=account.ref,
        reason=new.reason,
        invoices=answered,
    )
    document.data = data
    lines = [JournalLine(account, amount, currency, base_amount, party_id=customer.id, text=new.reason)]
    lines += settled_lines(context, settled, currency, customer.id, new.reason)
    lines += taxes_due(context, document, company, on, settled)
    post(context, document, company, "sales", on, lines)
    context.emit(WriteOffPosted(**dict(data), id=document.id, number=document.number or ""), document)
    tell_settled(context, document, customer, settled, answered)
    return WriteOffMade(
        **dict(data),
        id=document.id,
        number=document.number or "",
        status=document.status,
        version=document.version,
        posting=shown(lines),
        events=[event.type for event, _ in context.work.events],
        links=links("write-offs", document.id),
    )


def _take(targets: Sequence[Target], currency: str) -> None:
    """Give each target its shares of what is given up."""
    if any(item.currency != currency for one in targets for item in one.items):
        raise InvalidRequest(
            "A write-off is in one currency.",
            errors=[FieldError("/invoices", "currency_differs", f"choose invoices in {currency}")],
        )
    errors = []
    for index, one in enumerate(targets):
        amount = one.open if one.wanted is None else one.wanted
        if amount > one.open:
            errors.append(FieldError(f"/invoices/{index}/amount", "over_allocated", f"only {one.open} of it is open"))
        elif fine := too_fine([(f"/invoices/{index}/amount", amount, currency)]):
            errors += fine
        else:
            one.part.pay(amount, one.items, each=False)
    if errors:
        raise OverAllocated("Some amounts are more than is open, or finer than the currency.", errors=errors)
