"""Reading refunds, allocations and write-offs: one, and a page of many."""

import datetime as dt
from typing import Any, TypeVar
from uuid import UUID

from bigledger.kernel import (
    Amount,
    Answer,
    Command,
    Context,
    Document,
    Filter,
    ListQuery,
    Page,
    Ref,
    Reference,
    listing,
)
from bigledger.ledger import shown_entries
from bigledger.receivables.allocation_model import AllocationData, AllocationMade, AllocationReference
from bigledger.receivables.credit_queries import Effects, effects
from bigledger.receivables.model import links
from bigledger.receivables.payment_model import Refund, RefundData
from bigledger.receivables.write_offs import WriteOffData, WriteOffMade

Summary = TypeVar("Summary", bound=Answer)


class RefundReference(Command):
    """Names a refund by its id or number."""

    id: Reference


class WriteOffReference(Command):
    """Names a write-off by its id or number."""

    id: Reference


class RefundSummary(Answer):
    """A refund in a list; ``of`` is the payment or credit note that had the amount left over."""

    id: UUID
    number: str
    status: str
    version: int
    company: Ref
    customer: Ref
    of: Ref
    date: dt.date
    currency: str
    amount: Amount
    account: Ref
    payment_method: Ref | None = None
    method: str | None = None
    reference: str | None = None


class AllocationSummary(Answer):
    """An allocation in a list."""

    id: UUID
    status: str
    version: int
    company: Ref
    customer: Ref
    date: dt.date
    currency: str
    amount: Amount
    taken_back_on: dt.date | None = None


class WriteOffSummary(Answer):
    """A write-off in a list; ``base_amount`` is what was given up in base currency."""

    id: UUID
    number: str
    status: str
    version: int
    company: Ref
    customer: Ref
    date: dt.date
    currency: str
    amount: Amount
    base_amount: Amount
    account: Ref
    reason: str


class RefundList(ListQuery):
    """Refunds by status, customer and date."""

    allowed_filters = {
        "status": Filter("status"),
        "number": Filter("number"),
        "customer": Filter("party_id", "uuid", "customer"),
        "date": Filter("date", "date"),
    }
    allowed_sorts = ("date", "number")


class AllocationList(ListQuery):
    """Allocations by status, customer and date."""

    allowed_filters = {
        "status": Filter("status"),
        "customer": Filter("party_id", "uuid", "customer"),
        "date": Filter("date", "date"),
    }
    allowed_sorts = ("date",)


class WriteOffList(RefundList):
    """Write-offs by status, customer and date."""


def get_refund(reference: RefundReference, context: Context) -> Refund:
    """One refund by id or number; one statement. Raises NotFound."""
    stored = effects(context, "refund", reference.id)
    data = stored.document.read(RefundData)
    return Refund(**dict(data), **_told(stored, "refunds"), metadata=stored.document.metadata)


def get_allocation(reference: AllocationReference, context: Context) -> AllocationMade:
    """One allocation by its id; one statement. Raises NotFound."""
    stored = effects(context, "allocation", reference.id)
    told = _told(stored, "allocations")
    told.pop("number")
    return AllocationMade(**dict(stored.document.read(AllocationData)), **told)


def get_write_off(reference: WriteOffReference, context: Context) -> WriteOffMade:
    """One write-off by id or number; one statement. Raises NotFound."""
    stored = effects(context, "write_off", reference.id)
    return WriteOffMade(**dict(stored.document.read(WriteOffData)), **_told(stored, "write-offs"))


def list_refunds(query: RefundList, context: Context) -> Page[RefundSummary]:
    """A page of refunds, newest first unless sorted."""
    part = listing.part_of(RefundSummary, RefundData)
    found, following = listing.page(context, "refund", query, part=part)
    data = [_summary(RefundSummary, one.document, one.document.read(part)) for one in found]
    return Page[RefundSummary](data=data, next_cursor=following)


def list_allocations(query: AllocationList, context: Context) -> Page[AllocationSummary]:
    """A page of allocations, newest first unless sorted."""
    part = listing.part_of(AllocationSummary, AllocationData)
    found, following = listing.page(context, "allocation", query, part=part)
    data = [_summary(AllocationSummary, one.document, one.document.read(part)) for one in found]
    return Page[AllocationSummary](data=data, next_cursor=following)


def list_write_offs(query: WriteOffList, context: Context) -> Page[WriteOffSummary]:
    """A page of write-offs, newest first unless sorted."""
    part = listing.part_of(WriteOffSummary, WriteOffData)
    found, following = listing.page(context, "write_off", query, part=part)
    data = [_summary(WriteOffSummary, one.document, one.document.read(part)) for one in found]
    return Page[WriteOffSummary](data=data, next_cursor=following)


def _summary(model: type[Summary], document: Document, data: Answer) -> Summary:
    fields = {name: getattr(data, name) for name in model.model_fields if hasattr(data, name)}
    known = {"id": document.id, "number": document.number, "status": document.status, "version": document.version}
    return model(**fields, **{name: known[name] for name in known.keys() & model.model_fields.keys()})


def _told(stored: Effects, path: str) -> dict[str, Any]:
    document = stored.document
    return {
        "id": document.id,
        "number": document.number,
        "status": document.status,
        "version": document.version,
        "posting": shown_entries(stored.entries),
        "events": stored.events,
        "links": links(path, document.id),
    }
