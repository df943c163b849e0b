"""What a product costs a customer: the price list's best fitting line, or the product's own price."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from bigledger.kernel.money import quantum, scale
from bigledger.records.products import PriceList, PriceListItem, Product


def sales_price(
    product: Product, prices: PriceList | None, quantity: Decimal, on: date, currency: str, base_currency: str
) -> Decimal | None:
    """The unit price in ``currency``: of the customer's price list, else the product's own, which is in base currency.

    None when neither has one in that currency.
    """
    if prices is not None and prices.currency == currency:
        price = list_price((item for item in prices.items if item.product == product.code), quantity, on)
        if price is not None:
            return price
    return product.sales_price if currency == base_currency else None


def list_price(items: Iterable[PriceListItem], quantity: Decimal, on: date) -> Decimal | None:
    """The unit price of the largest minimum quantity reached on that day; the later start wins on ties."""
    fitting = [
        item
        for item in items
        if item.minimum_quantity <= quantity
        and (item.valid_from is None or item.valid_from <= on)
        and (item.valid_to is None or on <= item.valid_to)
    ]
    best = max(fitting, key=lambda item: (item.minimum_quantity, item.valid_from or date.min), default=None)
    return None if best is None else best.unit_price


def with_scale(price: Decimal, currency: str) -> Decimal:
    """The price with at least the currency's decimals, so that 120 reads 120.00; more are kept."""
    exponent = price.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    return price if places >= scale(currency) else price.quantize(quantum(currency))
