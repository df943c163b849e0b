"""Products, their units, where they are kept and what they cost a customer."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from bigledger.kernel import Amount, Code, Command, Currency, Day, Name, Number, Reference, To, in_order
from bigledger.records.dimensions import Dimensions
from bigledger.records.parties import Notes

Price = Annotated[Amount, Field(ge=0)]


class Unit(Command):
    """A unit of measure; ``factor`` base units of its dimension make one of it (a dozen of pieces: 12)."""

    code: Code
    name: Name
    dimension: Literal["count", "mass", "length", "area", "volume", "time"] = "count"
    factor: Annotated[Number, Field(gt=0)] = Decimal(1)
    decimals: Annotated[int, Field(ge=0, le=6)] = 0
    """How many decimals a quantity in this unit may have."""


class Location(Command):
    """A place where stock is kept."""

    code: Code
    name: Name
    kind: Literal["warehouse", "zone", "bin", "transit", "virtual"] = "warehouse"
    parent: Annotated[Reference, To("location")] | None = None
    company: Annotated[Reference, To("company")] | None = None


class Product(Command):
    """Something sold or bought. A service has no stock; the sales price is in the company's base currency."""

    code: Code
    name: Name
    description: Notes | None = None
    kind: Literal["stock", "service"] = "stock"
    unit: Annotated[Reference, To("unit")]
    sales_price: Price | None = None
    tax_category: Code | None = None
    revenue_account: Annotated[Reference, To("account")] | None = None
    inventory_account: Annotated[Reference, To("account")] | None = None
    dimensions: Dimensions | None = None
    """What lines about it carry, unless they say otherwise."""
    expense_account: Annotated[Reference, To("account")] | None = None
    """What a bill for it is posted to, unless it is kept in stock."""
    barcode: Annotated[str, Field(max_length=40)] | None = None


class PriceListItem(Command):
    """A price of one product from a quantity on, while it is valid."""

    product: Annotated[Reference, To("product")]
    unit_price: Price
    minimum_quantity: Annotated[Number, Field(ge=0)] = Decimal(0)
    valid_from: Day | None = None
    valid_to: Day | None = None
    _days = in_order("valid_from", "valid_to")


class PriceList(Command):
    """Prices for the customers it is given to, in its own currency."""

    code: Code
    name: Name
    currency: Currency
    items: Annotated[list[PriceListItem], Field(max_length=5000)] = []
