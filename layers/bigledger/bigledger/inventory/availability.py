"""What can be promised of a product."""

from decimal import Decimal
from typing import Any

from bigledger.inventory.model import Availability, AvailabilityQuery, ProductAvailability
from bigledger.kernel import Context, FieldError, InvalidRequest, Ref, UnknownReference
from bigledger.kernel.configuration import unknown
from bigledger.records import by_reference

_AVAILABILITY = f"""
    WITH product AS MATERIALIZED (SELECT * FROM {by_reference("'product'", "cast(:product AS text)")} found),
    place AS MATERIALIZED (SELECT * FROM {by_reference("'location'", "cast(:location AS text)")} found)
    SELECT jsonb_build_object(
        'product', (SELECT jsonb_build_object('id', id, 'code', number, 'name', data->>'name') FROM product),
        'kind', (SELECT data->>'kind' FROM product),
        'unit', (SELECT data->>'unit' FROM product),
        'place', (SELECT jsonb_build_object('id', id, 'code', number, 'name', data->>'name') FROM place),
        'levels', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'location', jsonb_build_object('id', l.id, 'code', l.number, 'name', l.data->>'name'),
                'on_hand', s.on_hand::text,
                'reserved', (s.reserved - (
                    SELECT coalesce(sum(b.remaining), 0) FROM inventory.reservation_balance b
                    WHERE b.product_id = s.product_id AND b.location_id = s.location_id
                      AND b.open AND b.expires_at <= kernel.now()))::text) ORDER BY l.number), '[]')
            FROM inventory.stock s JOIN kernel.document l ON l.id = s.location_id
            WHERE s.product_id = (SELECT id FROM product)
              AND (cast(:location AS text) IS NULL OR s.location_id = (SELECT id FROM place))))::text
"""


def availability(query: AvailabilityQuery, context: Context) -> ProductAvailability:
    """What of a product is on hand, reserved and available, per location; one statement.

    Reservations whose time is over count as given back. Raises UnknownReference for a product or location that
    does not exist, and InvalidRequest for a service, which has no stock.
    """
    found = context.work.read_json(_AVAILABILITY, product=query.product, location=query.location)
    errors = []
    if found["product"] is None:
        errors.append(unknown("product", query.product, "/product"))
    if query.location is not None and found["place"] is None:
        errors.append(unknown("location", query.location, "/location"))
    if errors:
        raise UnknownReference("Nothing is known by these names; each is pointed at.", errors=errors)
    if found["kind"] == "service":
        raise InvalidRequest(
            f"{found['product']['code']} is a service and has no stock.",
            errors=[FieldError("/product", "not_stocked", "choose a product of kind stock")],
        )
    levels = [_level(level["location"], level["on_hand"], level["reserved"]) for level in found["levels"]]
    if not levels and found["place"] is not None:
        levels = [_level(found["place"], "0", "0")]
    zero = Decimal(0)
    return ProductAvailability(
        product=Ref(**found["product"]),
        unit=found["unit"],
        on_hand=sum((level.on_hand for level in levels), zero),
        reserved=sum((level.reserved for level in levels), zero),
        available=sum((level.available for level in levels), zero),
        locations=levels,
    )


def _level(location: dict[str, Any], on_hand: str, reserved: str) -> Availability:
    return Availability(
        location=Ref(**location),
        on_hand=Decimal(on_hand),
        reserved=Decimal(reserved),
        available=Decimal(on_hand) - Decimal(reserved),
    )
