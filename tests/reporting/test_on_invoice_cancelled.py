"""Voided invoices and the sales by product: what had counted is taken off, once and on the day of the reversal."""

import pytest

from tests.support.events import deliver
from tests.support.reports import sales
from tests.support.shop import Shop


def void(shop: Shop, invoice: dict[str, str], **body: str) -> None:
    shop.api.call("void_invoice", {"reason": "Ordered twice", **body}, path={"id": invoice["id"]}).expect(200)


@pytest.mark.parametrize("times", [1, 3])
def test_a_voided_invoice_is_taken_off_once(shop: Shop, times: int) -> None:
    invoice = shop.invoice()
    shop.invoice(items=[{"product": "PROD001", "quantity": 1}])
    deliver(shop.api, times=times)
    void(shop, invoice)
    assert sales(shop) == [("PROD001", "11", "1320.00")]
    deliver(shop.api, times=times)
    assert sales(shop) == [("PROD001", "1", "120.00")]


def test_a_product_whose_sales_were_all_taken_back_is_not_listed(shop: Shop) -> None:
    void(shop, shop.invoice())
    deliver(shop.api)
    assert sales(shop) == []


def test_it_is_taken_off_on_the_day_of_the_reversal_as_in_the_books(shop: Shop) -> None:
    invoice = shop.invoice(date="2026-10-20")
    void(shop, invoice, date="2026-11-05")
    deliver(shop.api)
    expected = {
        "2026-10-19": [],
        "2026-10-20": [("PROD001", "10", "1200.00")],
        "2026-11-04": [("PROD001", "10", "1200.00")],
        "2026-11-05": [],
    }
    assert {day: sales(shop, day) for day in expected} == expected
    revenue = {day: shop.api.call("get_kpis", query={"as_of": day})["revenue"]["year"] for day in expected}
    assert list(revenue.values()) == ["0.00", "1200.00", "1200.00", "0.00"]


@pytest.mark.parametrize("waiting", [False, True])
def test_what_never_counted_is_not_taken_off(shop: Shop, waiting: bool) -> None:
    shop.invoice(items=[{"product": "PROD001", "quantity": 1}])
    if waiting:
        shop.api.record("approval-rules", code="ALL", name="All", condition="document.total > 0")
    invoice = shop.invoice(draft=not waiting)
    assert invoice["status"] == ("pending_approval" if waiting else "draft")
    void(shop, invoice)
    deliver(shop.api)
    assert sales(shop) == [("PROD001", "1", "120.00")]
