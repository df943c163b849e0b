"""What inventory reads, as pieces of SQL that an operation joins into its one read, and what they answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.inventory.allocation import OpenReservation, StockKey, StockLevel
from bigledger.kernel import Context, Ref
from bigledger.kernel.serialization import json_text
from bigledger.records import by_reference

EXPIRED_AT_ONCE = 500
"""The most expired reservations of a product at a location that one read takes into account."""

_OPEN = """
    jsonb_build_object(
        'reservation_id', b.reservation_id, 'entry', b.entries, 'document_id', b.document_id,
        'product_id', b.product_id, 'location_id', b.location_id, 'remaining', b.remaining::text,
        'expires_at', b.expires_at,
        'product', (SELECT number FROM kernel.document WHERE id = b.product_id),
        'location', (SELECT number FROM kernel.document WHERE id = b.location_id))
"""


def stock_json(product: str = "p.id", locations: str = ":locations") -> str:
    """SQL of a sub-select that answers the stock of a product at some locations as one JSONB object.

    ``product`` is a uuid expression of the statement around it, ``locations`` the JSON text of an array of
    location ids. ``stock_levels`` reads what comes.
    """
    return f"""
        (SELECT coalesce(jsonb_object_agg(s.location_id, jsonb_build_object(
            'on_hand', s.on_hand::text, 'reserved', s.reserved::text, 'value', s.value::text,
            'expired', (SELECT coalesce(jsonb_agg(o.reservation), '[]') FROM (
                SELECT {_OPEN} AS reservation FROM inventory.reservation_balance b
                WHERE b.product_id = s.product_id AND b.location_id = s.location_id
                  AND b.open AND b.expires_at <= kernel.now()
                ORDER BY b.expires_at, b.reservation_id LIMIT {EXPIRED_AT_ONCE}) o))), '{{}}')
         FROM inventory.stock s
         WHERE s.product_id = {product}
           AND s.location_id IN (SELECT value::uuid FROM jsonb_array_elements_text(cast({locations} AS jsonb))))
    """


_LEVELS = f"""
    SELECT coalesce(jsonb_object_agg(w.id, {stock_json("w.id::uuid")}), '{{}}')::text
    FROM jsonb_array_elements_text(cast(:products AS jsonb)) AS w (id)
"""


def stock_levels(product_id: UUID, found: Mapping[str, Any]) -> dict[StockKey, StockLevel]:
    """The stock levels that ``stock_json`` answered for a product."""
    return {
        (product_id, UUID(location)): StockLevel(
            Decimal(level["on_hand"]),
            Decimal(level["reserved"]),
            Decimal(level["value"]),
            tuple(read_open_reservations(level["expired"])),
        )
        for location, level in found.items()
    }


def levels_of(context: Context, products: Iterable[UUID], locations: Iterable[UUID]) -> dict[StockKey, StockLevel]:
    """The stock of products, by their ids, at locations; one statement."""
    found = context.work.read_json(
        _LEVELS,
        products=json_text(sorted(str(product) for product in products)),
        locations=json_text(sorted(str(location) for location in locations)),
    )
    levels: dict[StockKey, StockLevel] = {}
    for product, at in found.items():
        levels |= stock_levels(UUID(product), at)
    return levels


def open_reservations_json(document: str = "d.id") -> str:
    """SQL of a sub-select that answers what a document still holds as one JSONB array.

    ``document`` is a uuid expression of the statement around it. ``read_open_reservations`` reads what comes.
    """
    return f"""
        (SELECT coalesce(jsonb_agg({_OPEN} ORDER BY b.product_id, b.location_id, b.reservation_id), '[]')
         FROM inventory.reservation_balance b WHERE b.document_id = {document} AND b.open)
    """


EXPIRED_ENTRIES = """
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
        'reservation_id', r.reservation_id, 'entry', r.entry, 'document_id', r.document_id,
        'product_id', r.product_id, 'location_id', r.location_id, 'remaining', (-r.quantity)::text,
        'expires_at', b.expires_at,
        'product', (SELECT number FROM kernel.document WHERE id = r.product_id),
        'location', (SELECT number FROM kernel.document WHERE id = r.location_id)) ORDER BY r.reservation_id), '[]')
     FROM inventory.reservation_balance b JOIN inventory.reservation r ON r.reservation_id = b.reservation_id
     WHERE b.document_id = d.id AND r.reason = 'expired')
"""
"""SQL of a sub-select of what was taken back from a document ``d`` because its time was over, shaped alike."""


def read_open_reservations(found: Iterable[Mapping[str, Any]]) -> list[OpenReservation]:
    """The reservations that ``open_reservations_json`` answered."""
    return [
        OpenReservation(
            UUID(row["reservation_id"]),
            row["entry"],
            UUID(row["document_id"]),
            UUID(row["product_id"]),
            row["product"],
            UUID(row["location_id"]),
            row["location"],
            Decimal(row["remaining"]),
            datetime.fromisoformat(row["expires_at"]) if row["expires_at"] else None,
        )
        for row in found
    ]


@dataclass(frozen=True, slots=True)
class StockProduct:
    """What inventory knows of an active product; ``unit`` and ``inventory_account`` are codes."""

    id: UUID
    code: str
    name: str
    kind: str
    unit: str
    inventory_account: str | None

    @property
    def ref(self) -> Ref:
        """As it stands in answers and events."""
        return Ref(id=self.id, code=self.code, name=self.name)


@dataclass(frozen=True, slots=True)
class Found:
    """The products that references name, their stock, and the supplier; what does not exist is missing."""

    products: dict[str, StockProduct]
    stock: dict[StockKey, StockLevel]
    supplier: Ref | None


_FOUND = f"""
    SELECT jsonb_build_object(
        'products', (
            SELECT coalesce(jsonb_object_agg(w.reference, jsonb_build_object(
                'id', p.id, 'code', p.number, 'name', p.data->>'name', 'kind', p.data->>'kind',
                'unit', p.data->>'unit', 'inventory_account', p.data->>'inventory_account',
                'stock', {stock_json("p.id")})), '{{}}')
            FROM jsonb_array_elements_text(cast(:products AS jsonb)) AS w(reference)
            JOIN LATERAL {by_reference("'product'", "w.reference")} p ON p.status = 'active'),
        'supplier', (
            SELECT jsonb_build_object('id', s.id, 'code', s.number, 'name', s.data->>'name')
            FROM {by_reference("'supplier'", "cast(:supplier AS text)")} s WHERE s.status = 'active'))::text
"""


def find(context: Context, products: Iterable[str], location_ids: Iterable[UUID], supplier: str | None = None) -> Found:
    """Read active products with their stock at the locations, and an active supplier; one statement."""
    found = context.work.read_json(
        _FOUND,
        products=json_text(sorted(set(products))),
        locations=json_text(list(location_ids)),
        supplier=supplier,
    )
    known: dict[str, StockProduct] = {}
    stock: dict[StockKey, StockLevel] = {}
    for reference, row in found["products"].items():
        product = StockProduct(
            UUID(row["id"]), row["code"], row["name"], row["kind"], row["unit"], row["inventory_account"]
        )
        known[reference] = product
        stock |= stock_levels(product.id, row["stock"])
    return Found(known, stock, Ref(**found["supplier"]) if found["supplier"] else None)
