"""What a product costs: the price list's best line, else its own price, each in its own currency."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bigledger.records import PriceList, Product, list_price, sales_price, with_scale

DAY = date(2026, 11, 23)
LAMP = Product.model_validate({"code": "LAMP", "name": "Lamp", "unit": "EA", "sales_price": "120.00"})


def prices(*items: dict[str, Any], currency: str = "USD") -> PriceList:
    listed = [{"product": "LAMP", **item} for item in items]
    return PriceList.model_validate({"code": "P", "name": "P", "currency": currency, "items": listed})


STEPS = prices(
    {"unit_price": "110.00"},
    {"unit_price": "100.00", "minimum_quantity": "10"},
    {"unit_price": "95.00", "minimum_quantity": "10", "valid_from": "2026-12-01"},
    {"unit_price": "80.00", "minimum_quantity": "100", "valid_to": "2026-11-23"},
)


@pytest.mark.parametrize(
    ("quantity", "day", "price"),
    [
        ("1", DAY, "110.00"),
        ("9.999", DAY, "110.00"),
        ("10", DAY, "100.00"),
        ("10", date(2026, 12, 1), "95.00"),
        ("100", DAY, "80.00"),
        ("100", date(2026, 11, 24), "100.00"),
    ],
)
def test_the_largest_quantity_that_is_reached_decides(quantity: str, day: date, price: str) -> None:
    assert list_price(STEPS.items, Decimal(quantity), day) == Decimal(price)
    assert sales_price(LAMP, STEPS, Decimal(quantity), day, "USD", "USD") == Decimal(price)


def test_what_no_line_fits_has_no_list_price() -> None:
    assert list_price(prices({"unit_price": "1.00", "minimum_quantity": "2"}).items, Decimal(1), DAY) is None


@pytest.mark.parametrize(
    ("listed", "currency", "price"),
    [
        (None, "USD", "120.00"),
        (None, "EUR", None),  # its own price is in base currency
        (STEPS, "EUR", None),
        (prices({"unit_price": "99.00"}, currency="EUR"), "EUR", "99.00"),
        (prices({"unit_price": "99.00"}, currency="EUR"), "USD", "120.00"),
        (prices({"product": "DESK", "unit_price": "1.00"}), "USD", "120.00"),
    ],
)
def test_a_price_counts_in_its_own_currency(listed: PriceList | None, currency: str, price: str | None) -> None:
    found = sales_price(LAMP, listed, Decimal(1), DAY, currency, "USD")
    assert found == (None if price is None else Decimal(price))


@pytest.mark.parametrize(
    ("price", "currency", "written"),
    [("120", "USD", "120.00"), ("9.9174", "USD", "9.9174"), ("120", "JPY", "120"), ("1.5", "KWD", "1.500")],
)
def test_prices_are_written_with_at_least_the_currencys_decimals(price: str, currency: str, written: str) -> None:
    assert str(with_scale(Decimal(price), currency)) == written
