"""Reserve stock before there is a document for it."""

from bigledger.inventory import InsufficientStock, NewReservation, StockReservation, StockReserved, make_reservation
from bigledger.kernel import Context, InvalidRequest, UnknownReference, operation


@operation(
    "POST /api/v1/stock-reservations",
    emits=[StockReserved],
    problems=[UnknownReference, InvalidRequest, InsufficientStock],
)
def create_reservation(new: NewReservation, context: Context) -> StockReservation:
    """Reserve a quantity of a product, until it is released or its time is over."""
    return make_reservation(new, context)
