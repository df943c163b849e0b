"""What a line of stock has to be: a product that is kept in stock, in a quantity its unit allows."""

from decimal import Decimal

from bigledger.inventory.queries import StockProduct
from bigledger.kernel import Configuration, FieldError
from bigledger.records import decimals_error


def line_errors(known: Configuration, product: StockProduct, quantity: Decimal, pointer: str = "") -> list[FieldError]:
    """What is wrong with moving this quantity of the product; ``pointer`` is where the line stands."""
    if product.kind != "stock":
        return [
            FieldError(f"{pointer}/product", "not_stocked", f"{product.code} is a service and is not kept in stock")
        ]
    error = decimals_error(known, product.unit, quantity, f"{pointer}/quantity")
    return [error] if error else []
