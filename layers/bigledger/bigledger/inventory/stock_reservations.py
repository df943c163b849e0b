"""Reservations that people and shops make before there is a document: created, released, or expired by the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from bigledger.inventory.allocation import (
    NO_STOCK,
    InsufficientStock,
    Need,
    OpenReservation,
    StockLevel,
    allocate,
)
from bigledger.inventory.checks import line_errors
from bigledger.inventory.locations import company_and_location
from bigledger.inventory.model import (
    Links,
    NewReservation,
    ReservationReference,
    StockReservation,
    StockReservationData,
)
from bigledger.inventory.queries import (
    EXPIRED_ENTRIES,
    find,
    open_reservations_json,
    read_open_reservations,
    stock_json,
    stock_levels,
)
from bigledger.inventory.reservations import release, reserve, take_back
from bigledger.kernel import (
    Context,
    Document,
    InvalidRequest,
    NotFound,
    UnknownReference,
    configuration,
    documents,
)
from bigledger.kernel.configuration import unknown

TYPE = "stock_reservation"

EXPIRED_PER_TRANSACTION = 200
"""How many reservations the schedule ends in one transaction."""


def make_reservation(new: NewReservation, context: Context) -> StockReservation:
    """Reserve a quantity of a product for a while, or until it is released.

    Raises UnknownReference, InvalidRequest or InsufficientStock.
    """
    company, location, errors = company_and_location(context, new.company, new.location)
    found = find(context, [new.product], [location.id] if location else [])
    product = found.products.get(new.product)
    if product is None:
        errors.append(unknown("product", new.product, "/product"))
    if errors or company is None or location is None or product is None:
        raise UnknownReference("Some references name nothing that exists and is active.", errors=errors)
    if wrong := line_errors(configuration(context), product, new.quantity):
        raise InvalidRequest("This cannot be reserved.", errors=wrong)
    need = Need("/quantity", product.id, product.code, location.id, location.code, new.quantity)
    allocation = allocate([need], found.stock, "refuse")
    if allocation.shortages:
        raise InsufficientStock(allocation.shortages)
    data = StockReservationData(
        company=company.ref,
        product=product.ref,
        location=location.ref,
        quantity=new.quantity,
        expires_at=context.now + timedelta(seconds=new.ttl_seconds) if new.ttl_seconds else None,
        note=new.note,
    )
    today = context.today(company.data.timezone)
    document = documents.create(
        context, Document(new.id or context.new_id(), TYPE, "active", data, company_id=company.id, date=today)
    )
    (item,) = reserve(context, document, allocation, data.expires_at)
    return _answer(context, document, data, item.available_after)


@dataclass(frozen=True, slots=True)
class _Held:
    """A reservation document with what it holds and what was taken back from it when its time was over."""

    document: Document
    open: Sequence[OpenReservation]
    taken_back: Sequence[OpenReservation]


def end_reservation(reference: ReservationReference, context: Context) -> StockReservation:
    """Release a reservation. One that has ended already is answered as it is, and nothing happens again.

    Raises NotFound, or StaleVersion when If-Match names another version of an active one.
    """
    held, level = _load(context, reference.id)
    document, data = held.document, held.document.read(StockReservationData)
    if document.status != "active":
        return _answer(context, document, data, level.available)
    documents.check_version(context, document)
    if data.expires_at is not None and data.expires_at <= context.now:
        _expire(context, held)
        return _answer(context, document, data, level.available)
    documents.change(context, document, status="released")
    given_back = sum((item.quantity for item in release(context, document, held.open)), Decimal(0))
    return _answer(context, document, data, level.available + given_back)


def expire_due(context: Context) -> int:
    """End the tenant's reservations whose time is over, as many as one transaction takes; answers how many."""
    rows = context.work.read(_DUE, limit=EXPIRED_PER_TRANSACTION)
    for row in rows:
        _expire(context, _held(orjson.loads(row[0])))
    return len(rows)


def _expire(context: Context, held: _Held) -> None:
    """The event tells of all that the reservation held, also of what others took back before the clock came by."""
    documents.change(context, held.document, status="expired")
    take_back(context, held.document, held.open, held.taken_back)


_HELD = f"'document', {documents.AS_JSON}, 'open', {open_reservations_json('d.id')}, 'taken_back', {EXPIRED_ENTRIES}"

_ONE = f"""
    SELECT jsonb_build_object({_HELD}, 'stock', {
    stock_json("cast(d.data->'product'->>'id' AS uuid)", "jsonb_build_array(d.data->'location'->>'id')")
})::text
    FROM kernel.document d WHERE d.type = '{TYPE}' AND d.id = cast(:id AS uuid)
"""

_DUE = f"""
    SELECT jsonb_build_object({_HELD})::text
    FROM kernel.document d
    WHERE d.type = '{TYPE}' AND d.status = 'active' AND EXISTS (
        SELECT 1 FROM inventory.reservation_balance b WHERE b.document_id = d.id AND b.expires_at <= kernel.now())
    ORDER BY d.id LIMIT :limit
"""


def _load(context: Context, reference: str) -> tuple[_Held, StockLevel]:
    found = context.work.read_json(_ONE, id=reference) if documents.is_id(reference) else None
    if found is None:
        raise NotFound(f"There is no stock reservation {reference}.")
    product_id = UUID(found["document"]["data"]["product"]["id"])
    levels = stock_levels(product_id, found["stock"])
    return _held(found), next(iter(levels.values()), NO_STOCK)


def _held(found: Any) -> _Held:
    return _Held(
        documents.from_json(found["document"]),
        read_open_reservations(found["open"]),
        read_open_reservations(found["taken_back"]),
    )


def _answer(
    context: Context, document: Document, data: StockReservationData, available_after: Decimal
) -> StockReservation:
    return StockReservation(
        id=document.id,
        status=document.status,
        version=document.version,
        **dict(data),
        available_after=available_after,
        events=[event.type for event, subject in context.work.events if subject is document],
        links=Links(
            history=f"/api/v1/documents/{document.id}/history",
            availability=f"/api/v1/stock/availability?product={data.product.id}&location={data.location.id}",
        ),
    )
