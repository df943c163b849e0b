"""Release a stock reservation."""

from bigledger.inventory import ReservationReference, StockReleased, StockReservation, end_reservation
from bigledger.kernel import Context, NotFound, StaleVersion, operation


@operation("DELETE /api/v1/stock-reservations/{id}", emits=[StockReleased], problems=[NotFound, StaleVersion])
def release_reservation(reference: ReservationReference, context: Context) -> StockReservation:
    """Give reserved stock back. Releasing what has ended already is harmless: it is answered as it is."""
    return end_reservation(reference, context)
