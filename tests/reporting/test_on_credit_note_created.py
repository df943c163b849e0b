"""Credit notes and the sales by product: what is credited is taken off, once and on the day of the credit note."""

import pytest

from tests.receivables.notes import credit, credit_note
from tests.support.events import deliver
from tests.support.integrity import sound
from tests.support.reports import sales
from tests.support.shop import Shop


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("reverse", [False, True])
def test_what_is_credited_is_taken_off_once(shop: Shop, times: int, reverse: bool) -> None:
    invoice = shop.invoice(date="2026-11-20")
    credit(shop, invoice, lines=[{"line": 1, "quantity": 4}])
    deliver(shop.api, times=times, reverse=reverse)
    assert sales(shop, "2026-11-22") == [("PROD001", "10", "1200.00")]
    assert sales(shop) == [("PROD001", "6", "720.00")]
    sound(shop.api)


def test_one_that_stands_alone_counts_below_zero(shop: Shop) -> None:
    """Whatever invoice it is for: the year's sales are less by it, as revenue is."""
    shop.invoice()
    net = credit_note(shop)["subtotal"]
    deliver(shop.api)
    assert sales(shop) == [("PROD001", "10", "1200.00"), ("SERV001", "-1", f"-{net}")]
    sound(shop.api)


def test_a_foreign_one_is_taken_off_in_base_currency(shop: Shop) -> None:
    rates = [{"currency": "EUR", "date": "2026-11-01", "rate": "1.25"}]
    shop.api.call("set_exchange_rates", {"rates": rates}).expect(201)
    line = {"product": "PROD001", "quantity": 10, "unit_price": "100.00"}
    invoice = shop.invoice(currency="EUR", items=[line])
    credit(shop, invoice, lines=[{"line": 1, "quantity": 4}])
    deliver(shop.api)
    assert sales(shop) == [("PROD001", "6", "750.00")]
    sound(shop.api)
