"""Listing payments."""

import pytest

from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    shop.invoice()
    shop.pay("1300.00", reference="RF18")
    answer = example(query={"customer": "CUST001", "sort": "-date"})
    assert answer.status == 200
    assert [(one["number"], one["amount_left"]) for one in answer["data"]] == [("PAY-2026-000001", "13.00")]


def test_by_customer_and_day(shop: Shop) -> None:
    shop.pay("10.00", date="2026-11-20")
    shop.pay("20.00", date="2026-11-21")
    shop.pay("30.00", "CUST002", date="2026-11-21")
    found = shop.api.call("list_payments", query={"customer": "CUST001", "date[gte]": "2026-11-21"}).expect(200)
    assert [(one["amount"], one["amount_left"]) for one in found["data"]] == [("20.00", "20.00")]
