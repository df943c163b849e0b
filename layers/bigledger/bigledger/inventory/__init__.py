"""Inventory: goods coming in, what is on hand, and what of it is promised to whom."""

from typing import TYPE_CHECKING

from bigledger.kernel.faces import face

if TYPE_CHECKING:
    from bigledger.inventory.allocation import (
        Allocation,
        InsufficientStock,
        Need,
        OpenReservation,
        Shortage,
        StockKey,
        StockLevel,
        allocate,
    )
    from bigledger.inventory.availability import availability
    from bigledger.inventory.events import StockReceived, StockReleased, StockReserved
    from bigledger.inventory.locations import company_and_location, locations_of, stock_location
    from bigledger.inventory.model import (
        AvailabilityQuery,
        NewReservation,
        NewStockReceipt,
        ProductAvailability,
        ReservationReference,
        StockReceipt,
        StockReservation,
    )
    from bigledger.inventory.queries import (
        levels_of,
        open_reservations_json,
        read_open_reservations,
        stock_json,
        stock_levels,
    )
    from bigledger.inventory.receiving import receive
    from bigledger.inventory.reservations import ReservedItem, release, reserve, with_staged
    from bigledger.inventory.stock_reservations import (
        EXPIRED_PER_TRANSACTION,
        end_reservation,
        expire_due,
        make_reservation,
    )
else:
    __getattr__ = face(__name__)

__all__ = [
    "EXPIRED_PER_TRANSACTION",
    "Allocation",
    "AvailabilityQuery",
    "InsufficientStock",
    "Need",
    "NewReservation",
    "NewStockReceipt",
    "OpenReservation",
    "ProductAvailability",
    "ReservationReference",
    "ReservedItem",
    "Shortage",
    "StockKey",
    "StockLevel",
    "StockReceipt",
    "StockReceived",
    "StockReleased",
    "StockReservation",
    "StockReserved",
    "allocate",
    "availability",
    "company_and_location",
    "levels_of",
    "end_reservation",
    "expire_due",
    "locations_of",
    "make_reservation",
    "open_reservations_json",
    "read_open_reservations",
    "receive",
    "release",
    "reserve",
    "stock_json",
    "stock_levels",
    "stock_location",
    "with_staged",
]
