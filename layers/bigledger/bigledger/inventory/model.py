"""The shapes of stock operations: what callers send, what is stored, what is answered."""

import datetime as dt
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from bigledger.kernel import Amount, Answer, Command, Day, Number, Positive, Ref, Reference, Text
from bigledger.ledger import Posting

MAXIMUM_ITEMS = 500
"""The most lines one receipt may have."""

LONGEST_HOLD = 30 * 24 * 60 * 60
"""The most seconds a reservation may be made for: thirty days."""

# Small enough that no sum of a whole receipt outgrows exact arithmetic.
Quantity = Annotated[Positive, Field(lt=Decimal(10) ** 12)]
UnitCost = Annotated[Number, Field(ge=0, lt=Decimal(10) ** 9, decimal_places=6)]


class NewReceiptItem(Command):
    """A product that came in: the quantity in its unit, and what one of it cost in base currency."""

    product: Reference
    quantity: Quantity
    unit_cost: UnitCost


class NewStockReceipt(Command):
    """Goods that came in, by codes or ids.

    ``date`` is the accounting date, today in the company's time zone when absent; ``location`` the company's only
    warehouse, or MAIN, when absent.
    """

    id: UUID | None = None
    items: Annotated[list[NewReceiptItem], Field(min_length=1, max_length=MAXIMUM_ITEMS)]
    company: Reference | None = None
    location: Reference | None = None
    supplier: Reference | None = None
    date: Day | None = None
    note: Text | None = None


class ReceiptItem(Answer):
    """A received line: the quantity in its unit, and what it is worth in base currency."""

    line: int
    product: Ref
    quantity: Number
    unit: str
    unit_cost: Amount
    value: Amount


class StockReceiptData(Answer):
    """What is stored of a receipt besides the columns of its document."""

    company: Ref
    location: Ref
    supplier: Ref | None = None
    items: list[ReceiptItem]
    note: str | None = None


class StockOf(Answer):
    """The stock of a product at a location after the operation; ``value`` is in base currency."""

    product: str
    location: str
    on_hand: Number
    reserved: Number
    available: Number
    value: Amount


class Links(Answer):
    """Where to go from here."""

    history: str
    availability: str | None = None


class StockReceipt(Answer):
    """A receipt of goods: what each line is worth, how it was posted and what is in stock since.

    Amounts are in ``currency``, the base currency of the company.
    """

    id: UUID
    number: str
    status: str
    version: int
    company: Ref
    location: Ref
    supplier: Ref | None = None
    date: dt.date
    currency: str
    items: list[ReceiptItem]
    total: Amount
    posting: Posting
    stock: list[StockOf]
    events: list[str]
    links: Links
    note: str | None = None


class NewReservation(Command):
    """Stock to hold before there is a document for it: for ``ttl_seconds``, or until it is released."""

    id: UUID | None = None
    product: Reference
    quantity: Quantity
    company: Reference | None = None
    location: Reference | None = None
    ttl_seconds: Annotated[int, Field(ge=1, le=LONGEST_HOLD)] | None = None
    note: Text | None = None


class ReservationReference(Command):
    """Names a reservation by its id."""

    id: Reference


class StockReservationData(Answer):
    """What is stored of a reservation besides the columns of its document."""

    company: Ref
    product: Ref
    location: Ref
    quantity: Number
    expires_at: dt.datetime | None = None
    note: str | None = None


class StockReservation(Answer):
    """A reservation: active, or ended because it was released or its time was over.

    ``available_after`` is what can still be promised, as this request read it.
    """

    id: UUID
    status: str
    version: int
    company: Ref
    product: Ref
    location: Ref
    quantity: Number
    expires_at: dt.datetime | None = None
    note: str | None = None
    available_after: Number
    events: list[str]
    links: Links


class AvailabilityQuery(Command):
    """Which product, and where if not everywhere."""

    product: Reference
    location: Reference | None = None


class Availability(Answer):
    """What of a product can be promised at a location: on hand less what is reserved and has not expired."""

    location: Ref
    on_hand: Number
    reserved: Number
    available: Number


class ProductAvailability(Answer):
    """What of a product can be promised, in all and per location, in its unit."""

    product: Ref
    unit: str
    on_hand: Number
    reserved: Number
    available: Number
    locations: list[Availability]
