"""What happens to stock."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from bigledger.kernel import Amount, Answer, Event, Number, Ref, event

ReleaseReason = Literal["released", "expired"]
"""Why a reservation gave back: it was no longer wanted, or its time was over."""


class ReceivedStock(Answer):
    """A received line. ``unit_cost`` and ``value`` are in the event's currency."""

    line: int
    product: Ref
    quantity: Number
    unit_cost: Amount
    value: Amount


class ReservedStock(Answer):
    """A reservation that was made, and what was available after it."""

    reservation_id: UUID
    product: Ref
    location: Ref
    quantity: Number
    available_after: Number


class ReleasedStock(Answer):
    """A reservation that gave back what it held."""

    reservation_id: UUID
    product: Ref
    location: Ref
    quantity: Number


@event("stock.received")
class StockReceived(Event):
    """Goods came in. Values are in the company's base currency; ``date`` is the accounting date."""

    id: UUID
    number: str
    company: Ref
    location: Ref
    supplier: Ref | None = None
    date: date
    currency: str
    items: list[ReceivedStock]
    total: Amount


@event("stock.reserved")
class StockReserved(Event):
    """Stock was reserved for a document, until ``expires_at`` if that is given.

    ``cause_id`` is the document that led to it, where that is another one, such as a credit note that is void now.
    """

    document_id: UUID
    document_type: str
    document_number: str | None = None
    items: list[ReservedStock]
    expires_at: datetime | None = None
    cause_id: UUID | None = None


@event("stock.released")
class StockReleased(Event):
    """A document gave back what it had reserved, or a part of it.

    ``cause_id`` is the document that led to it, where that is another one, such as a credit note.
    """

    document_id: UUID
    document_type: str
    document_number: str | None = None
    reason: ReleaseReason
    items: list[ReleasedStock]
    cause_id: UUID | None = None
