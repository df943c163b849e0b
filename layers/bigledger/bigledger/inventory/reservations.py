"""Reserving stock for a document and giving it back: rows and events, staged with the document's own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bigledger.inventory.allocation import Allocation, OpenReservation, StockKey, StockLevel
from bigledger.inventory.events import ReleasedStock, ReleaseReason, ReservedStock, StockReleased, StockReserved
from bigledger.kernel import Answer, Context, Document, Number, Ref, Table

RESERVATION = Table(
    "inventory.reservation",
    tuple("reservation_id entry document_id product_id location_id quantity reason expires_at".split()),
)


class ReservedItem(Answer):
    """What was reserved for a line: codes, the quantity, and what was available after it when it was reserved."""

    product: str
    location: str
    quantity: Number
    available_after: Number


class ReleasedItem(Answer):
    """What was given back: codes and the quantity."""

    product: str
    location: str
    quantity: Number


def reserve(
    context: Context,
    document: Document,
    allocation: Allocation,
    expires_at: datetime | None = None,
    cause: Document | None = None,
) -> list[ReservedItem]:
    """Stage a reservation per allotment and the event about it, and take back the expired ones it needs.

    The document is staged by the caller, who declares StockReserved; ``cause`` is another one that led to it. Only
    reservations of documents of type ``stock_reservation`` may expire. That enough is available the database holds
    again when the rows arrive.
    """
    items: list[ReservedStock] = []
    named: dict[StockKey, tuple[Ref, Ref]] = {}
    for allotment in allocation.reservations:
        need = allotment.need
        if need.key not in named:
            named[need.key] = Ref(id=need.product_id, code=need.product), Ref(id=need.location_id, code=need.location)
        product, location = named[need.key]
        items.append(
            ReservedStock(
                reservation_id=context.new_id(),
                product=product,
                location=location,
                quantity=allotment.quantity,
                available_after=allotment.available_after,
            )
        )
    if items:
        context.work.append(RESERVATION, _given_back(allocation.expired, "expired"))
        context.work.append(
            RESERVATION,
            [
                {
                    "reservation_id": item.reservation_id,
                    "product_id": item.product.id,
                    "location_id": item.location.id,
                    "quantity": item.quantity,
                }
                for item in items
            ],
            alike={
                "entry": 1,
                "document_id": document.id,
                "reason": "reserved",
                "expires_at": None if expires_at is None else expires_at.isoformat(),
            },
        )
        context.emit(
            StockReserved(
                document_id=document.id,
                document_type=document.type,
                document_number=document.number,
                items=items,
                expires_at=expires_at,
                cause_id=cause.id if cause else None,
            ),
            document,
        )
    return [
        ReservedItem(
            product=item.product.code,
            location=item.location.code,
            quantity=item.quantity,
            available_after=item.available_after,
        )
        for item in items
    ]


def with_staged(context: Context, stock: Mapping[StockKey, StockLevel]) -> Mapping[StockKey, StockLevel]:
    """The stock with what this unit of work has reserved and taken back, which the database does not know yet."""
    levels = dict(stock)
    for row in context.work.staged(RESERVATION):
        key = (row["product_id"], row["location_id"])
        level = levels.get(key)
        if level is not None:
            expired = tuple(held for held in level.expired if held.reservation_id != row["reservation_id"])
            levels[key] = replace(level, reserved=level.reserved + row["quantity"], expired=expired)
    return levels


def release(
    context: Context,
    document: Document,
    open: Sequence[OpenReservation],
    reason: ReleaseReason = "released",
    cause: Document | None = None,
) -> list[ReleasedItem]:
    """Stage that the document gives back what it still holds, and the event about it; nothing when it holds nothing.

    A reservation with less remaining than it has gives back that part. The document's change is staged by the caller,
    who declares StockReleased; ``cause`` is another document that led to it.
    """
    if not open:
        return []
    context.work.append(RESERVATION, _given_back(open, reason))
    return [
        ReleasedItem(product=item.product.code, location=item.location.code, quantity=item.quantity)
        for item in _tell(context, document, open, reason, cause)
    ]


def take_back(
    context: Context, document: Document, open: Sequence[OpenReservation], taken_back: Sequence[OpenReservation]
) -> None:
    """Stage that the document's time is over, and the event about all it held.

    ``taken_back`` is what others, who needed it, have taken back already.
    """
    if open:
        context.work.append(RESERVATION, _given_back(open, "expired"))
    _tell(context, document, [*taken_back, *open], "expired")


def _tell(
    context: Context,
    document: Document,
    ended: Iterable[OpenReservation],
    reason: ReleaseReason,
    cause: Document | None = None,
) -> list[ReleasedStock]:
    items = [
        ReleasedStock(
            reservation_id=held.reservation_id,
            product=Ref(id=held.product_id, code=held.product),
            location=Ref(id=held.location_id, code=held.location),
            quantity=held.remaining,
        )
        for held in sorted(ended, key=_order)
    ]
    context.emit(
        StockReleased(
            document_id=document.id,
            document_type=document.type,
            document_number=document.number,
            reason=reason,
            items=items,
            cause_id=cause.id if cause else None,
        ),
        document,
    )
    return items


def _given_back(open: Iterable[OpenReservation], reason: ReleaseReason) -> list[dict[str, Any]]:
    """The rows that end reservations, always in the same order so that writers cannot block each other in a circle."""
    return [
        {
            "reservation_id": held.reservation_id,
            "entry": held.entry + 1,
            "document_id": held.document_id,
            "product_id": held.product_id,
            "location_id": held.location_id,
            "quantity": -held.remaining,
            "reason": reason,
            "expires_at": None,
        }
        for held in sorted(open, key=_order)
    ]


def _order(held: OpenReservation) -> Any:
    return held.reservation_id
