"""Read what of a product can be promised."""

from bigledger.inventory import AvailabilityQuery, ProductAvailability, availability
from bigledger.kernel import Context, InvalidRequest, UnknownReference, operation


@operation("GET /api/v1/stock/availability", problems=[UnknownReference, InvalidRequest])
def get_availability(query: AvailabilityQuery, context: Context) -> ProductAvailability:
    """Read what of a product is on hand, reserved and available, per location; expired reservations do not count."""
    return availability(query, context)
