"""What a line of stock has to be: a product that is kept in stock, in a quantity its unit allows."""

from decimal import Decimal

from bigledger.inventory.queries import StockProduct
from bigledger.kernel import Configuration, FieldError
from bigledger.records import Unit


def line_errors(known: Configuration, product: StockProduct, quantity: Decimal, pointer: str = "") -> list[FieldError]:
    """What is wrong with moving this quantity of the product; ``pointer`` is where the line stands."""
    if product.kind != "stock":
        return [
            FieldError(f"{pointer}/product", "not_stocked", f"{product.code} is a service and is not kept in stock")
        ]
    unit = known.find(Unit, product.unit)
    decimals = 0 if unit is None else unit.data.decimals
    if quantity != round(quantity, decimals):
        allowed = f"at most {decimals} decimals" if decimals else "no decimals"
        message = f"a quantity in {product.unit} has {allowed}"
        return [FieldError(f"{pointer}/quantity", "too_many_decimals", message)]
    return []
