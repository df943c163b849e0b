"""Allocation: which stock a document's lines may have. Pure rules, no database.

Quantities are in the unit of the product. Available is what is on hand and not reserved; a reservation whose time
is over does not hold stock any more, although its release may not have been written yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from bigledger.kernel import Conflict, FieldError, Problem, database
from bigledger.kernel.money import plain

StockKey = tuple[UUID, UUID]
"""A product and a location, by their ids."""

ShortagePolicy = Literal["refuse", "backorder"]
"""What happens to a line that wants more than is available, as the company's policies have it."""


@dataclass(frozen=True, slots=True)
class OpenReservation:
    """What a document still holds of a product at a location."""

    reservation_id: UUID
    entry: int
    """How many entries the reservation has so far; the next one gives back."""
    document_id: UUID
    product_id: UUID
    product: str
    location_id: UUID
    location: str
    remaining: Decimal
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StockLevel:
    """The stock of a product at a location. ``value`` is in base currency."""

    on_hand: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)
    """What reservations hold, expired ones included."""
    value: Decimal = Decimal(0)
    expired: tuple[OpenReservation, ...] = ()
    """The reservations whose time is over, the oldest first."""

    @property
    def held(self) -> Decimal:
        """What reservations hold that have not expired."""
        return self.reserved - sum((reservation.remaining for reservation in self.expired), Decimal(0))

    @property
    def available(self) -> Decimal:
        """What can be promised."""
        return self.on_hand - self.held


NO_STOCK = StockLevel()


@dataclass(frozen=True, slots=True)
class Need:
    """What a line wants: ``quantity`` of a stocked product at a location; ``pointer`` is where the caller asked."""

    pointer: str
    product_id: UUID
    product: str
    location_id: UUID
    location: str
    quantity: Decimal

    @property
    def key(self) -> StockKey:
        """The stock it is taken from."""
        return self.product_id, self.location_id


@dataclass(frozen=True, slots=True)
class Allotment:
    """What a line gets, and what is available after it."""

    need: Need
    quantity: Decimal
    available_after: Decimal


@dataclass(frozen=True, slots=True)
class Backorder:
    """What of a line is not there and has to follow."""

    need: Need
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Shortage:
    """What all lines together want of a product at a location, and what of it is available."""

    product: str
    location: str
    requested: Decimal
    available: Decimal
    pointers: tuple[str, ...]
    """The lines that cannot be served in full."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """The outcome for all lines of a document."""

    reservations: tuple[Allotment, ...]
    shortages: tuple[Shortage, ...]
    backorders: tuple[Backorder, ...]
    expired: tuple[OpenReservation, ...]
    """The expired reservations that have to give back for it."""


class InsufficientStock(Problem):
    """More is wanted than is available; ``shortages`` says of what, and ``errors`` points at the lines."""

    title = "There is not enough stock"

    def __init__(self, shortages: Sequence[Shortage] = ()) -> None:
        wanting = "; ".join(
            f"{shortage.product} at {shortage.location}: {plain(shortage.requested):f} wanted,"
            f" {plain(shortage.available):f} available"
            for shortage in shortages
        )
        super().__init__(
            f"There is not enough stock. {wanting}. Ask for less, or wait for more to be received."
            if wanting
            else "Other requests took the stock just now. Try again.",
            errors=[
                FieldError(
                    pointer,
                    "insufficient_stock",
                    f"{plain(shortage.requested):f} wanted in all, {plain(shortage.available):f} available",
                )
                for shortage in shortages
                for pointer in shortage.pointers
            ],
            shortages=[
                {
                    "product": shortage.product,
                    "location": shortage.location,
                    "requested": f"{plain(shortage.requested):f}",
                    "available": f"{plain(shortage.available):f}",
                    "short": f"{plain(shortage.requested - shortage.available):f}",
                }
                for shortage in shortages
            ],
        )


def _changed_meanwhile() -> Problem:
    return Conflict("Another request changed the same reservation just now. Nothing was changed; try again.")


database.constraint("stock_covers_reservations", InsufficientStock)
database.constraint("stock_on_hand_not_negative", InsufficientStock)
database.constraint("stock_reserved_not_negative", _changed_meanwhile)
database.constraint("reservation_not_overdrawn", _changed_meanwhile)
database.constraint("reservation_pkey", _changed_meanwhile)


def allocate(needs: Sequence[Need], stock: Mapping[StockKey, StockLevel], policy: ShortagePolicy) -> Allocation:
    """Share the available stock over the lines, the first line first.

    A product and location missing in ``stock`` has none. Under ``refuse`` what is wanting becomes a shortage and
    nothing is to be reserved; under ``backorder`` a line gets what there is and the rest becomes a backorder.
    Expired reservations are taken back only as far as they are needed, the oldest first.
    """
    left = {key: stock.get(key, NO_STOCK).available for key in {need.key for need in needs}}
    allotments, backorders = [], []
    for need in needs:
        quantity = min(need.quantity, left[need.key])
        if quantity > 0:
            left[need.key] -= quantity
            allotments.append(Allotment(need, quantity, left[need.key]))
        if quantity < need.quantity:
            backorders.append(Backorder(need, need.quantity - quantity))
    if backorders and policy == "refuse":
        return Allocation((), _shortages(needs, stock, backorders), (), ())
    return Allocation(tuple(allotments), (), tuple(backorders), _taken_back(allotments, stock))


def _shortages(
    needs: Sequence[Need], stock: Mapping[StockKey, StockLevel], missing: Sequence[Backorder]
) -> tuple[Shortage, ...]:
    """One shortage per product and location, in the order of the lines."""
    requested: dict[StockKey, Decimal] = {}
    for need in needs:
        requested[need.key] = requested.get(need.key, Decimal(0)) + need.quantity
    pointers: dict[StockKey, list[str]] = {}
    for short in missing:
        pointers.setdefault(short.need.key, []).append(short.need.pointer)
    named = {need.key: need for need in needs}
    return tuple(
        Shortage(
            named[key].product,
            named[key].location,
            requested[key],
            stock.get(key, NO_STOCK).available,
            tuple(found),
        )
        for key, found in pointers.items()
    )


def _taken_back(allotments: Sequence[Allotment], stock: Mapping[StockKey, StockLevel]) -> tuple[OpenReservation, ...]:
    """The expired reservations without which the allotments would not be covered."""
    wanted: dict[StockKey, Decimal] = {}
    for allotment in allotments:
        wanted[allotment.need.key] = wanted.get(allotment.need.key, Decimal(0)) + allotment.quantity
    taken = []
    for key, quantity in wanted.items():
        level = stock.get(key, NO_STOCK)
        uncovered = quantity - (level.on_hand - level.reserved)
        for reservation in level.expired:
            if uncovered <= 0:
                break
            taken.append(reservation)
            uncovered -= reservation.remaining
    return tuple(taken)
