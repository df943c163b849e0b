"""Contra settlements: open items of both subledgers settled against each other, for a party that is on both sides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bigledger.kernel import (
    Context,
    Document,
    Entry,
    FieldError,
    Page,
    Problem,
    Ref,
    UnknownReference,
    documents,
    listing,
)
from bigledger.kernel.configuration import unknown
from bigledger.kernel.documents import AS_JSON, from_json, is_id
from bigledger.kernel.money import quantum
from bigledger.ledger import (
    OverAllocated,
    Posting,
    Settled,
    check_dates,
    check_open,
    check_scale,
    difference_lines,
    item_json,
    post,
    read_item,
    settled_lines,
    shown,
    shown_entries,
    value,
    void_day,
)
from bigledger.payables import reopen_settled, settle_document
from bigledger.payables import tell_settled as tell_paid
from bigledger.receivables.allocation import Parts, Target, earliest_first, in_currency, named_twice
from bigledger.receivables.contra_model import (
    ContraData,
    ContraList,
    ContraReference,
    ContraSettlement,
    ContraSummary,
    NewContraSettlement,
    SettledPayable,
    VoidContraSettlement,
)
from bigledger.receivables.credit_queries import effects
from bigledger.receivables.events import ContraPosted, ContraVoided
from bigledger.receivables.matching import settle_invoice, tell_settled
from bigledger.receivables.model import links
from bigledger.receivables.payment_model import Allocation
from bigledger.receivables.taking_back import take_back
from bigledger.records import Company, company_of, number_for
from bigledger.tax import taxes_due

TYPE = "contra_settlement"


class NotOneParty(Problem):
    """The customer and the supplier are not known to be the same party, so their debts are not set off."""

    title = "The customer and the supplier are not one party"


_SIDES = f"""
    WITH party AS (
        SELECT id, type, number, data FROM kernel.document d
        WHERE d.status = 'active' AND (d.type = 'customer' AND {{customer}} OR d.type = 'supplier' AND {{supplier}})),
    open AS (
        SELECT i.*, b.settled, b.base_settled, b.due_date AS due FROM ledger.open_item_balance b
        JOIN ledger.open_item i ON i.tenant_id = b.tenant_id AND i.id = b.open_item_id
        JOIN party p ON p.id = b.party_id
        WHERE b.open AND b.company_id = cast(:company AS uuid)
          AND (p.type = 'customer' AND b.subledger = 'receivable' AND i.amount > 0
               OR p.type = 'supplier' AND b.subledger = 'payable' AND i.amount < 0))
    SELECT jsonb_build_object(
        'parties', (SELECT jsonb_object_agg(type, jsonb_build_object('id', id, 'code', number, 'name', data->>'name',
                                                                     'tax_number', data->>'tax_number'))
                    FROM party),
        'items', (SELECT jsonb_agg({item_json("o", "o")} ORDER BY o.due, o.recorded_at, o.id) FROM open o),
        'documents', (SELECT jsonb_agg({AS_JSON}) FROM kernel.document d
                      WHERE d.id = ANY (ARRAY(SELECT document_id FROM open)))
    )::text
"""


@dataclass(frozen=True, slots=True)
class _Sides:
    """The two parties, and what is open of each."""

    customer: Mapping[str, Any]
    supplier: Mapping[str, Any]
    receivables: Parts
    payables: Parts


def create(new: NewContraSettlement, context: Context) -> ContraSettlement:
    """Set off what is open on both sides.

    Raises UnknownReference, NotOneParty, OverAllocated, DatedTooEarly, PeriodClosed, those of ``account_for``.
    """
    company = company_of(context, new.company)
    on = new.date or context.clock.today(company.data.timezone)
    check_open(context, company, "gl", on)
    currency, base = new.currency or company.data.currency, company.data.currency
    sides = _read(new, context, company)
    owed = _targets(sides.receivables, new.receivables, "/receivables", currency)
    owing = _targets(sides.payables, new.payables, "/payables", currency)
    amount = _amount(new, owed, owing, currency)
    received, paid = _take(owed, amount), _take(owing, amount)
    check_dates([*received, *paid], on)
    for share in (share for one in paid for share in one.shares):
        share.base_amount = share.worth = share.item.carried(share.amount, base)
    worth = -sum((share.base_amount for one in paid for share in one.shares), Decimal(0))
    value([share for one in received for share in one.shares], Decimal(0), worth, base)
    customer, supplier = (
        Ref(id=party["id"], code=party["code"], name=party["name"]) for party in (sides.customer, sides.supplier)
    )
    document = Document(
        id=context.new_id(),
        type=TYPE,
        status="posted",
        data={},
        company_id=company.id,
        party_id=customer.id,
        date=on,
        currency=currency,
        total=amount,
        posted_at=context.now,
        number=number_for(context, TYPE, company, on),
    )
    documents.create(context, document)
    answered = [settle_invoice(context, document, one, on, "contra") for one in received]
    owing_settled = [settle_document(context, document, one, on, "contra") for one in paid]
    data = ContraData(
        company=company.ref,
        customer=customer,
        supplier=supplier,
        date=on,
        currency=currency,
        amount=amount.quantize(quantum(currency)),
        receivables=answered,
        payables=[
            SettledPayable(document=one.document, type=one.type, amount=one.amount, amount_due=one.amount_due)
            for one in owing_settled
        ],
        reason=new.reason,
    )
    document.data = data
    text = f"{customer.name}, contra settlement"
    lines = settled_lines(context, received, currency, customer.id, text)
    lines += settled_lines(context, paid, currency, supplier.id, text)
    lines += difference_lines(context, company, received, currency, customer.id)
    lines += taxes_due(context, document, company, on, [*received, *paid])
    post(context, document, company, "gl", on, lines)
    context.emit(ContraPosted(**dict(data), id=document.id, number=document.number or ""), document)
    tell_settled(context, document, customer, received, answered)
    tell_paid(context, document, supplier, paid, owing_settled)
    return _answer(document, data, shown(lines), [event.type for event, _ in context.work.events])


def void(command: VoidContraSettlement, context: Context) -> ContraSettlement:
    """Void a contra settlement: both sides are open again. Raises Conflict, DatedTooEarly, PeriodClosed."""
    stored = effects(context, TYPE, command.id)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("posted",), "voided")
    data = document.read(ContraData)
    company = company_of(context, str(data.company.id))
    on = void_day(context, document, company, command.date)
    entries = take_back(context, stored, company, "gl", on, data.customer)
    taken = [(read_item(row), Decimal(row["by"])) for row in stored.settled]
    reopen_settled(context, document, stored.invoices, taken, stored.opened, data.supplier)
    data = data.model_copy(update={"void_reason": command.reason, "voided_on": on})
    documents.change(context, document, status="void", data=data)
    told = {name: getattr(data, name) for name in ContraVoided.model_fields if hasattr(data, name)}
    context.emit(ContraVoided(**told, id=document.id, number=document.number or ""), document)
    events = [*stored.events, *(event.type for event, _ in context.work.events)]
    return _answer(document, data, shown_entries(entries), events)


def get(reference: ContraReference, context: Context) -> ContraSettlement:
    """One contra settlement by id or number; one statement. Raises NotFound."""
    stored = effects(context, TYPE, reference.id)
    data = stored.document.read(ContraData)
    return _answer(stored.document, data, shown_entries(stored.entries), stored.events)


def list_all(query: ContraList, context: Context) -> Page[ContraSummary]:
    """A page of contra settlements, newest first unless sorted."""
    part = listing.part_of(ContraSummary, ContraData)
    found, following = listing.page(context, TYPE, query, part=part)
    shown = [_summary(one.document, one.document.read(part)) for one in found]
    return Page[ContraSummary](data=shown, next_cursor=following)


def _read(new: NewContraSettlement, context: Context, company: Entry[Company]) -> _Sides:
    """The parties and their open items, in one statement. Raises UnknownReference, NotOneParty."""

    def named(reference: str, parameter: str) -> str:
        return f"d.id = cast(:{parameter} AS uuid)" if is_id(reference) else f"d.number = :{parameter}"

    found = context.work.read_json(
        _SIDES.format(customer=named(new.customer, "customer"), supplier=named(new.supplier, "supplier")),
        customer=new.customer,
        supplier=new.supplier,
        company=str(company.id),
    )
    parties = found["parties"] or {}
    errors = [unknown(kind, getattr(new, kind), f"/{kind}") for kind in ("customer", "supplier") if kind not in parties]
    if errors:
        raise UnknownReference("There is no such active party.", errors=errors)
    customer, supplier = parties["customer"], parties["supplier"]
    same_number = customer["tax_number"] is not None and customer["tax_number"] == supplier["tax_number"]
    if not same_number and customer["code"] != supplier["code"]:
        raise NotOneParty(
            f"Customer {customer['code']} and supplier {supplier['code']} have neither the same tax number nor the same"
            " code. Only debts between the same two parties are set off; give both records its tax number.",
            errors=[FieldError("/supplier", "not_one_party", f"choose the supplier that {customer['code']} is")],
        )
    items = [read_item(item) for item in found["items"] or []]
    known = [from_json(document) for document in found["documents"] or []]

    def side(sign: int) -> Parts:
        chosen = [item for item in items if item.amount * sign > 0]
        held = {item.document_id for item in chosen}
        return Parts([document for document in known if document.id in held], chosen)

    return _Sides(customer, supplier, side(1), side(-1))


def _targets(parts: Parts, wanted: Sequence[Allocation] | None, pointer: str, currency: str) -> list[Target]:
    """What of one side is to be settled. Raises OverAllocated with a pointer to what is not open in the currency."""
    if wanted is None:
        return earliest_first([in_currency(one, currency) for one in parts.every()])
    named = [parts.named(one, f"{pointer}/{index}") for index, one in enumerate(wanted)]
    targets = [in_currency(target, currency) for target in named if target is not None]
    errors = [
        FieldError(f"{pointer}/{index}/{one.kind}", "nothing_open", f"nothing of {one.name} is open in {currency}")
        for index, (one, target) in enumerate(zip(wanted, named, strict=True))
        if target is None or not target.items
    ]
    errors = errors or named_twice(targets)
    errors = errors or [
        FieldError(f"{target.pointer}/amount", "over_allocated", f"only {abs(target.open)} of it is open")
        for target in targets
        if target.wanted is not None and target.wanted > abs(target.open)
    ]
    if errors:
        raise OverAllocated("Some of these are not open, not by so much, or are named twice.", errors=errors)
    return targets


def _limit(target: Target) -> Decimal:
    return abs(target.open) if target.wanted is None else target.wanted


def _amount(new: NewContraSettlement, owed: Sequence[Target], owing: Sequence[Target], currency: str) -> Decimal:
    """What is set off: what both sides have, or so much of it as was asked for."""
    wanted = [(f"{target.pointer}/amount", target.wanted, currency) for target in [*owed, *owing]]
    check_scale([("/amount", new.amount, currency), *wanted])
    most = min(sum((_limit(target) for target in side), Decimal(0)) for side in (owed, owing))
    if not most:
        raise OverAllocated(f"There is nothing in {currency} that could be set off on both sides.")
    if new.amount is not None and new.amount > most:
        raise OverAllocated(
            f"Only {most} {currency} can be set off.",
            errors=[FieldError("/amount", "over_allocated", f"only {most} is open on both sides")],
        )
    return most if new.amount is None else new.amount


def _take(targets: Sequence[Target], amount: Decimal) -> list[Settled]:
    """Give the targets their shares of an amount above zero, in their order; answers the parts that got any."""
    for target in targets:
        part = min(_limit(target), amount)
        target.part.take(part if target.open > 0 else -part, target.items)
        amount -= part
    return [part for part in dict.fromkeys(target.part for target in targets) if part.shares]


def _summary(document: Document, data: ContraData) -> ContraSummary:
    fields = {name: getattr(data, name) for name in ContraSummary.model_fields if hasattr(data, name)}
    return ContraSummary(
        **fields, id=document.id, number=document.number or "", status=document.status, version=document.version
    )


def _answer(document: Document, data: ContraData, posting: Posting, events: list[str]) -> ContraSettlement:
    return ContraSettlement(
        **dict(data),
        id=document.id,
        number=document.number or "",
        status=document.status,
        version=document.version,
        posting=posting,
        events=events,
        links=links("contra-settlements", document.id),
    )
