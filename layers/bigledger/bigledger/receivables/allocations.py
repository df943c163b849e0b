"""Allocations: what payments and credit notes left over, set against open invoices, and taken back again."""

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
    UnknownReference,
    documents,
)
from bigledger.kernel.configuration import unknown
from bigledger.kernel.documents import is_id
from bigledger.kernel.money import quantum
from bigledger.ledger import (
    Exchange,
    OverAllocated,
    Posting,
    Settled,
    check_dates,
    check_open,
    check_scale,
    difference_lines,
    open_day,
    post,
    read_exchange,
    settle,
    settled_lines,
    shown,
    shown_entries,
    value,
)
from bigledger.receivables.allocation import Parts, Target, earliest_first, in_currency, named_twice
from bigledger.receivables.allocation_model import (
    AllocationData,
    AllocationMade,
    AllocationReference,
    AutoAllocation,
    NewAllocation,
    Source,
    UsedSource,
)
from bigledger.receivables.allocation_queries import OpenDocuments, open_documents
from bigledger.receivables.credit_queries import effects
from bigledger.receivables.early_payment import discount_lines, lowered_taxes, offers
from bigledger.receivables.events import AllocationTakenBack, PaymentMatched
from bigledger.receivables.matching import settle_invoice, tell_settled, use_source
from bigledger.receivables.model import links
from bigledger.receivables.payment_model import Allocation
from bigledger.receivables.taking_back import take_back
from bigledger.records import Company, company_of
from bigledger.tax import taxes_due


def create(new: NewAllocation, context: Context) -> AllocationMade:
    """Allocate named documents to named invoices.

    Raises UnknownReference, OverAllocated, DatedTooEarly, PeriodClosed, ExchangeRateMissing, and InvalidRequest where
    either side is in several currencies.
    """
    company = company_of(context, new.company)
    names = [source.document for source in new.sources] + [target.name for target in new.invoices]
    everything = any(target.kind == "open_item" for target in new.invoices)
    found = open_for(context, company, new.customer, None if everything else names)
    sources = named_documents(found, [source.document for source in new.sources], "/sources/{}/document", -1)
    targets = named_targets(found, new.invoices)
    exchange = _exchange(context, company, new, sources, targets)
    _share_out(company, sources, new.sources, targets, exchange)
    return _make(context, company, found, sources, targets, new.date)


def auto(new: AutoAllocation, context: Context) -> AllocationMade:
    """Allocate all that a customer has in its favour in a currency to what it owes, the earliest due first."""
    company = company_of(context, new.company)
    currency = new.currency or company.data.currency
    found = open_for(context, company, new.customer, None)
    sources = [one for one in _every(found, -1) if one.items[0].currency == currency]
    targets = [in_currency(target, currency) for target in _owed(found).every()]
    targets = earliest_first(targets)
    _share_out(company, sources, None, targets)
    return _make(context, company, found, sources, targets, new.date)


def take_back_allocation(reference: AllocationReference, context: Context) -> AllocationMade:
    """Take an allocation back by contrary rows, on its own day or, where that is closed, the first open one."""
    stored = effects(context, "allocation", reference.id)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("made",), "taken back")
    data = document.read(AllocationData)
    company = company_of(context, str(data.company.id))
    on = open_day(context, company, "sales", data.date)
    entries = take_back(context, stored, company, "sales", on, data.customer)
    data = data.model_copy(update={"taken_back_on": on})
    documents.change(context, document, status="taken_back", data=data)
    told = {name: getattr(data, name) for name in AllocationTakenBack.model_fields if hasattr(data, name)}
    context.emit(AllocationTakenBack(**told, id=document.id), document)
    return _answer(context, document, data, shown_entries(entries), stored.events)


def _exchange(
    context: Context,
    company: Entry[Company],
    new: NewAllocation,
    sources: Sequence[Settled],
    targets: Sequence[Target],
) -> Exchange | None:
    """How what is left over becomes the currency of the invoices; None where it is in that.

    Raises ExchangeRateMissing, and InvalidRequest where either side is in several currencies.
    """
    used, owed = ({one.items[0].currency for one in side} for side in (sources, targets))
    for side, pointer in ((used, "/sources"), (owed, "/invoices")):
        if len(side) > 1:
            raise InvalidRequest(
                "Each side of an allocation is in one currency. Make an allocation for each.",
                errors=[FieldError(pointer, "currency_differs", f"these are in {', '.join(sorted(side))}")],
            )
    (source,), (target,) = used, owed
    if source == target:
        return None
    days = [one.document.date for one in sources if one.document.date is not None]
    return read_exchange(context, company, source, target, days, new.exchange_rate)


def open_for(context: Context, company: Entry[Company], customer: str, named: list[str] | None) -> OpenDocuments:
    """What is open of a customer, of named documents or of all. Raises UnknownReference."""
    found = open_documents(context, company, customer, named)
    if found is None:
        raise UnknownReference(
            f"There is no active customer {customer}.", errors=[unknown("customer", customer, "/customer")]
        )
    return found


def _every(found: OpenDocuments, sign: int) -> list[Settled]:
    """The documents with open items of a sign, in the order of these."""
    items = [item for item in found.items if item.amount * sign > 0]
    return [target.part for target in Parts(found.documents, items).every()]


def _owed(found: OpenDocuments) -> Parts:
    return Parts(found.documents, [item for item in found.items if item.amount > 0])


def named_targets(found: OpenDocuments, wanted: Sequence[Allocation]) -> list[Target]:
    """The named documents and items that are owed. Raises OverAllocated with a pointer to each that is not."""
    parts = _owed(found)
    named = [parts.named(one, f"/invoices/{index}") for index, one in enumerate(wanted)]
    errors = [
        FieldError(f"/invoices/{index}/{one.kind}", "nothing_open", f"nothing of {one.name} is open for this customer")
        for index, (one, target) in enumerate(zip(wanted, named, strict=True))
        if target is None or not target.items
    ]
    targets = [target for target in named if target is not None]
    errors = errors or named_twice(targets)
    if errors:
        raise OverAllocated("Some of these have nothing open, or are named twice.", errors=errors)
    return targets


def named_documents(found: OpenDocuments, names: Sequence[str], pointer: str, sign: int) -> list[Settled]:
    """The named documents that have open items of a sign. Raises OverAllocated with a pointer to each that has none."""
    every = _every(found, sign)
    by_name = {str(one.document.id): one for one in every} | {str(one.document.number): one for one in every}
    chosen: list[Settled] = []
    errors = []
    for index, name in enumerate(names):
        one = by_name.get(name.lower() if is_id(name) else name)
        if one is None:
            message = f"nothing of {name} is open for this customer"
            errors.append(FieldError(pointer.format(index), "nothing_open", message))
        elif one in chosen:
            errors.append(FieldError(pointer.format(index), "allocated_twice", f"{name} is named twice"))
        else:
            chosen.append(one)
    if errors:
        raise OverAllocated("Some of these have nothing open, or are named twice.", errors=errors)
    return chosen


def _share_out(
    company: Entry[Company],
    sources: Sequence[Settled],
    limits: Sequence[Source] | None,
    targets: Sequence[Target],
    exchange: Exchange | None = None,
) -> None:
    """Give each target what it may have, in order, and take that from the sources, in order.

    Money that was there in time earns the discounts for early payment: a credit note is none.
    """
    errors = []
    available = []
    asked = zip(limits or [], sources, strict=False)
    given = [(f"/sources/{index}/amount", one.amount, of.items[0].currency) for index, (one, of) in enumerate(asked)]
    wanted = [(f"/invoices/{index}/amount", one.wanted, one.items[0].currency) for index, one in enumerate(targets)]
    check_scale([*given, *wanted])
    for index, source in enumerate(sources):
        limit = limits[index].amount if limits else None
        left = -source.open
        if limit is not None and limit > left:
            errors.append(FieldError(f"/sources/{index}/amount", "over_allocated", f"only {left} is left of it"))
        available.append(left if limit is None else limit)
    worths = [
        exchange.worth(amount, source.document.date) if exchange and source.document.date else amount
        for amount, source in zip(available, sources, strict=True)
    ]
    rest = sum(worths, Decimal(0))
    days = [source.document.date for source in sources if source.document.type == "payment"]
    if days and len(days) == len(sources):
        on = max(day for day in days if day is not None)
        for target in targets:
            target.part.offers = offers(target.part.document, target.part.items, on, company)
    each = company.data.policies.early_payment_discount == "any_payment"
    for index, target in enumerate(targets):
        share = min(target.payable, rest) if target.wanted is None else target.wanted
        if share > min(target.open, rest):
            message = f"only {min(target.open, rest)} of it can be settled"
            errors.append(FieldError(f"/invoices/{index}/amount", "over_allocated", message))
        elif share:
            rest -= target.part.pay(share, target.items, each)
    if errors:
        raise OverAllocated("Some amounts are more than is open or than is left over.", errors=errors)
    used = sum(worths, Decimal(0)) - rest
    if not used:
        raise OverAllocated("There is nothing left over that could settle an open invoice.")
    for source, limit, worth in zip(sources, available, worths, strict=True):
        part = min(worth, used)
        if part == worth:
            source.take(-limit)
        elif part:
            day = source.document.date
            source.take(-min(exchange.cost(part, day) if exchange and day else part, limit))
        used -= part


def _make(
    context: Context,
    company: Entry[Company],
    found: OpenDocuments,
    sources: Sequence[Settled],
    targets: Sequence[Target],
    given: dt.date | None,
) -> AllocationMade:
    """Post, settle and tell an allocation that was worked out."""
    used = [source for source in sources if source.shares]
    settled = [part for part in dict.fromkeys(target.part for target in targets) if part.shares]
    on = given or open_day(context, company, "sales", context.clock.today(company.data.timezone))
    check_open(context, company, "sales", on)
    check_dates([*used, *settled], on)
    base, currency = company.data.currency, settled[0].shares[0].item.currency
    given_in = used[0].shares[0].item.currency
    shares = [share for source in used for share in source.shares]
    for share in shares:
        share.base_amount = share.worth = share.item.carried(share.amount, base)
    worth = -sum((share.base_amount for share in shares), Decimal(0))
    value([share for invoice in settled for share in invoice.shares], Decimal(0), worth, base)
    customer = Ref(**found.customer)
    amount = sum((invoice.amount for invoice in settled), Decimal(0))
    document = Document(
        id=context.new_id(),
        type="allocation",
        status="made",
        data={},
        company_id=company.id,
        party_id=customer.id,
        date=on,
        currency=currency,
        total=amount,
        posted_at=context.now,
    )
    documents.create(context, document)
    unit = quantum(currency)
    for source in used:
        settle(context, document, on, [(share.item.id, share.amount, share.base_amount) for share in source.shares])
    answered = [settle_invoice(context, document, invoice, on, "allocation") for invoice in settled]
    data = AllocationData(
        company=company.ref,
        customer=customer,
        date=on,
        currency=currency,
        amount=amount.quantize(unit),
        sources=[
            UsedSource(
                document=Ref(id=source.document.id, code=source.document.number or str(source.document.id)),
                amount=(-source.amount).quantize(quantum(given_in)),
                amount_left=(source.amount - source.open).quantize(quantum(given_in)),
                currency=given_in if given_in != currency else None,
            )
            for source in used
        ],
        invoices=answered,
    )
    document.data = data
    text = f"{customer.name}, allocation"
    if given_in == currency:
        lines = settled_lines(context, [*used, *settled], currency, customer.id, text)
    else:
        lines = settled_lines(context, used, given_in, customer.id, text)
        lines += settled_lines(context, settled, currency, customer.id, text)
    lines += discount_lines(context, company, settled, customer.id)
    lines += difference_lines(context, company, settled, currency, customer.id)
    lowered, money = lowered_taxes(context, company, settled), all(one.document.type == "payment" for one in used)
    lines += taxes_due(context, document, company, on, [*used, *settled], lowered, by_money=money)
    if lines:
        post(context, document, company, "sales", on, lines)
    told = {name: getattr(data, name) for name in PaymentMatched.model_fields if hasattr(data, name)}
    context.emit(PaymentMatched(**told, id=document.id), document)
    tell_settled(context, document, customer, settled, answered)
    for source in used:
        use_source(context, document, source, customer)
    return _answer(context, document, data, shown(lines), [])


def _answer(
    context: Context, document: Document, data: AllocationData, posting: Posting, before: list[str]
) -> AllocationMade:
    return AllocationMade(
        **dict(data),
        id=document.id,
        status=document.status,
        version=document.version,
        posting=posting,
        events=[*before, *(event.type for event, _ in context.work.events)],
        links=links("allocations", document.id),
    )
