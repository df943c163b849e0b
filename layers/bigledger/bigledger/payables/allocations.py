"""Allocations: what advances and supplier credits left over, set against open bills, and taken back again."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from bigledger.kernel import Context, Document, Entry, Ref, documents
from bigledger.kernel.money import quantum
from bigledger.ledger import (
    Exchange,
    OverAllocated,
    Posting,
    Settled,
    check_dates,
    check_open,
    difference_lines,
    open_day,
    post,
    read_exchange,
    settled_lines,
    shown,
    shown_entries,
    value,
)
from bigledger.payables.choosing import (
    check_currency,
    known_supplier,
    named_documents,
    pay_bills,
    supplier_ref,
    use_credits,
)
from bigledger.payables.events import SupplierPaymentMatched, SupplierPaymentUnmatched
from bigledger.payables.links import links
from bigledger.payables.matching import settle_document, take_back, tell_settled
from bigledger.payables.payment_model import (
    NewSupplierAllocation,
    SupplierAllocationData,
    SupplierAllocationMade,
    SupplierAllocationReference,
    UsedDocument,
)
from bigledger.payables.settling_queries import effects, open_documents
from bigledger.records import Company, company_of
from bigledger.tax import taxes_due

TYPE = "supplier_allocation"


def create(new: NewSupplierAllocation, context: Context) -> SupplierAllocationMade:
    """Allocate named advances and credits to named bills.

    Raises UnknownReference, OverAllocated, DatedTooEarly, PeriodClosed, ExchangeRateMissing, and InvalidRequest where
    either side is in several currencies.
    """
    company = company_of(context, new.company)
    on = new.date or open_day(context, company, "purchase", context.clock.today(company.data.timezone))
    names = [each.document for each in [*new.sources, *new.bills]]
    found = known_supplier(open_documents(context, company, new.supplier, names, on), new.supplier)
    sources = named_documents(found, new.sources, "/sources", (1,))
    bills = named_documents(found, new.bills, "/bills", (-1,))
    given_in, currency = sources[0].items[0].currency, bills[0].items[0].currency
    advice = "Make an allocation for what is in another currency."
    check_currency(sources, given_in, "/sources", advice)
    check_currency(bills, currency, "/bills", advice)
    exchange = None
    if given_in != currency:
        days = [one.document.date for one in sources if one.document.date is not None]
        exchange = read_exchange(context, company, given_in, currency, days, new.exchange_rate)
    use_credits(sources, new.sources, "/sources")
    worths = [_worth(one, exchange) for one in sources]
    unused = pay_bills(bills, new.bills, sum(worths, Decimal(0)), each=False, pointer="/bills")
    _give_back(sources, worths, unused, exchange)
    used, settled = [[one for one in parts if one.shares] for parts in (sources, bills)]
    if not settled:
        raise OverAllocated("There is nothing left over that could settle these bills.")
    check_open(context, company, "purchase", on)
    check_dates([*used, *settled], on)
    return _make(context, company, supplier_ref(found), used, settled, on)


def take_back_allocation(reference: SupplierAllocationReference, context: Context) -> SupplierAllocationMade:
    """Take an allocation back by contrary rows, on its own day or, where that is closed, the first open one."""
    stored = effects(context, TYPE, reference.id)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("made",), "taken back")
    data = document.read(SupplierAllocationData)
    company = company_of(context, str(data.company.id))
    on = open_day(context, company, "purchase", data.date)
    entries = take_back(context, stored, company, "purchase", on, data.supplier)
    data = data.model_copy(update={"taken_back_on": on})
    documents.change(context, document, status="taken_back", data=data)
    told = {name: getattr(data, name) for name in SupplierPaymentUnmatched.model_fields if hasattr(data, name)}
    context.emit(SupplierPaymentUnmatched(**told, id=document.id), document)
    return _answer(context, document, data, shown_entries(entries), stored.events)


def _worth(source: Settled, exchange: Exchange | None) -> Decimal:
    """What of the bills' currency a source settles."""
    on = source.document.date
    return exchange.worth(source.amount, on) if exchange and on else source.amount


def _give_back(
    sources: Sequence[Settled], worths: Sequence[Decimal], unused: Decimal, exchange: Exchange | None
) -> None:
    """Leave with the last of the sources what the bills did not need."""
    for source, worth in zip(reversed(sources), reversed(worths), strict=True):
        kept, whole, on = max(worth - unused, Decimal(0)), source.amount, source.document.date
        unused -= worth - kept
        source.shares.clear()
        if kept == worth:
            source.take(whole)
        else:
            source.take(min(exchange.cost(kept, on), whole) if exchange and on else kept)


def _make(
    context: Context,
    company: Entry[Company],
    supplier: Ref,
    used: Sequence[Settled],
    settled: Sequence[Settled],
    on: dt.date,
) -> SupplierAllocationMade:
    """Post, settle and tell an allocation that was worked out; exchange differences fall on the bills."""
    base, currency = company.data.currency, settled[0].items[0].currency
    given_in = used[0].items[0].currency
    shares = [share for source in used for share in source.shares]
    for share in shares:
        share.base_amount = share.worth = share.item.carried(share.amount, base)
    worth = -sum((share.base_amount for share in shares), Decimal(0))
    value([share for one in settled for share in one.shares], Decimal(0), worth, base)
    amount = -sum((one.amount for one in settled), Decimal(0))
    document = Document(
        id=context.new_id(),
        type=TYPE,
        status="made",
        data={},
        company_id=company.id,
        party_id=supplier.id,
        date=on,
        currency=currency,
        total=amount,
        posted_at=context.now,
    )
    documents.create(context, document)
    parts = [*used, *settled]
    answered = [settle_document(context, document, one, on, "allocation") for one in parts]
    data = SupplierAllocationData(
        company=company.ref,
        supplier=supplier,
        date=on,
        currency=currency,
        amount=amount.quantize(quantum(currency)),
        sources=[
            UsedDocument(**dict(one), currency=given_in if given_in != currency else None)
            for one in answered[: len(used)]
        ],
        bills=answered[len(used) :],
    )
    document.data = data
    text = f"{supplier.name}, allocation"
    if given_in == currency:
        lines = settled_lines(context, parts, currency, supplier.id, text)
    else:
        lines = settled_lines(context, used, given_in, supplier.id, text)
        lines += settled_lines(context, settled, currency, supplier.id, text)
    lines += difference_lines(context, company, settled, currency, supplier.id)
    money = all(one.document.type == "supplier_payment" for one in used)
    lines += taxes_due(context, document, company, on, parts, by_money=money)
    if lines:
        post(context, document, company, "purchase", on, lines)
    told = {name: getattr(data, name) for name in SupplierPaymentMatched.model_fields if hasattr(data, name)}
    context.emit(SupplierPaymentMatched(**told, id=document.id), document)
    tell_settled(context, document, supplier, parts, answered)
    return _answer(context, document, data, shown(lines), [])


def _answer(
    context: Context, document: Document, data: SupplierAllocationData, posting: Posting, before: list[str]
) -> SupplierAllocationMade:
    return SupplierAllocationMade(
        **dict(data),
        id=document.id,
        status=document.status,
        version=document.version,
        posting=posting,
        events=[*before, *(event.type for event, _ in context.work.events)],
        links=links("supplier-allocations", document.id),
    )
