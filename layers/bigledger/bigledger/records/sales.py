"""What a sale reads of the master data: its customer, the products and the customer's price list.

They are pieces of SQL, so that an operation joins them with what else it needs into its one read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from bigledger.kernel import Ref
from bigledger.kernel.documents import is_id
from bigledger.kernel.serialization import json_text
from bigledger.records.parties import Customer, Supplier
from bigledger.records.products import PriceList, Product

Found = TypeVar("Found", bound=Customer | Supplier | Product)


def active_named(type: str, parameter: str) -> str:
    """SQL of the active records of a type that ``by_codes_and_ids`` names under ``parameter``."""
    # Arrays, since an index does not serve two lists of an OR that are sub-selects.
    return f"""
        SELECT id, number, data FROM kernel.document
        WHERE type = '{type}' AND status = 'active'
          AND (number = ANY (ARRAY(SELECT value FROM jsonb_array_elements_text(cast(:{parameter}_codes AS jsonb))))
               OR id = ANY (ARRAY(SELECT value::uuid
                                  FROM jsonb_array_elements_text(cast(:{parameter}_ids AS jsonb)))))
    """


SALE_TABLES = f"""
    customer AS MATERIALIZED ({active_named("customer", "customer")}),
    product AS MATERIALIZED ({active_named("product", "product")})
"""
"""The active customer and products as common table expressions; ``sale_parameters`` names them."""

SALE_FIELDS = """
    'customers', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'data', data)), '[]') FROM customer),
    'products', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'data', data)), '[]') FROM product),
    'price_list', (SELECT jsonb_build_object('code', l.number, 'name', l.data->'name', 'currency',
                                             l.data->'currency', 'items', (
                       SELECT coalesce(jsonb_agg(item), '[]') FROM jsonb_array_elements(l.data->'items') item
                       WHERE item->>'product' IN (SELECT number FROM product)))
                   FROM kernel.document l
                   WHERE l.type = 'price_list' AND l.status = 'active'
                     AND l.number = (SELECT data->>'price_list' FROM customer))
"""
"""The members of a JSON object that ``read_sale`` reads; of the price list only the items of these products."""


@dataclass(frozen=True, slots=True)
class Known(Generic[Found]):
    """A party or a product that was found."""

    id: UUID
    data: Found

    @property
    def ref(self) -> Ref:
        """As it stands in answers and events."""
        return Ref(id=self.id, code=self.data.code, name=self.data.name)


@dataclass(frozen=True, slots=True)
class Sale:
    """What was found; ``products`` is by the references that were asked for, and lacks those that name nothing."""

    customer: Known[Customer] | None
    products: Mapping[str, Known[Product]]
    price_list: PriceList | None


def by_codes_and_ids(name: str, references: Iterable[str]) -> dict[str, str]:
    """References as two parameters that are JSON texts: ``<name>_codes`` and ``<name>_ids``."""
    listed = sorted(set(references))
    return {
        f"{name}_codes": json_text([reference for reference in listed if not is_id(reference)]),
        f"{name}_ids": json_text([reference for reference in listed if is_id(reference)]),
    }


def sale_parameters(customer: str | None, products: Iterable[str]) -> dict[str, str]:
    """The parameters of SALE_TABLES for a customer, if there is one, and products, each by code or id."""
    buyers = [] if customer is None else [customer]
    return by_codes_and_ids("customer", buyers) | by_codes_and_ids("product", products)


def read_sale(found: Mapping[str, Any], products: Iterable[str]) -> Sale:
    """What SALE_FIELDS answered, for the product references that were asked for."""
    by_reference: dict[str, Known[Product]] = {}
    for row in found["products"]:
        known = Known(UUID(row["id"]), Product.model_validate(row["data"]))
        by_reference[known.data.code] = by_reference[row["id"]] = known
    buyers = [Known(UUID(row["id"]), Customer.model_validate(row["data"])) for row in found["customers"]]
    named = {
        reference: by_reference.get(reference.lower() if is_id(reference) else reference) for reference in products
    }
    return Sale(
        customer=buyers[0] if buyers else None,
        products={reference: product for reference, product in named.items() if product is not None},
        price_list=PriceList.model_validate(found["price_list"]) if found["price_list"] else None,
    )
