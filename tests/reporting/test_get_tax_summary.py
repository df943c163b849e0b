"""Taxes of a period by tax and rate, with the amounts they were computed on."""

from decimal import Decimal
from typing import Any

import pytest

from tests.support.reports import explained
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    shop.invoice()
    answer = example(query={"from": "2026-11-01", "to": "2026-11-30"})
    assert answer["rows"][-1]["cells"][1]["amount"] == "87.00"


def summary(shop: Shop, **query: str) -> Any:
    return shop.api.call("get_tax_summary", query=query).expect(200).json


def told(answer: Any) -> list[tuple[Any, ...]]:
    return [(row["label"], row.get("rate"), *(cell.get("amount") for cell in row["cells"])) for row in answer["rows"]]


def test_each_tax_at_each_rate(shop: Shop) -> None:
    """A credit note takes its taxes back, with their bases."""
    shop.invoice()
    invoice = shop.invoice(items=[{"product": "PROD001", "quantity": 5}])
    body = {"reason": "Broken", "lines": [{"line": 1, "quantity": 2}]}
    shop.api.call("credit_invoice", body, path={"id": invoice["id"]}).expect(201)
    answer = summary(shop)
    assert told(answer) == [
        ("CITY City sales tax", "0.0125", "1560.00", "19.50"),
        ("STATE State sales tax", "0.06", "1560.00", "93.60"),
        ("Total tax", None, None, "113.10"),
    ]
    assert answer["rows"][-1]["cells"][1]["amount"] == str(-sum_of(shop, "2200"))
    assert explained(shop.api, answer) == 5


def sum_of(shop: Shop, account: str) -> Any:
    return Decimal(shop.trial_balance()[account])


def test_a_foreign_invoice_counts_in_base_currency(shop: Shop) -> None:
    rates = {"rates": [{"currency": "EUR", "date": "2026-11-01", "rate": "1.20"}]}
    shop.api.call("set_exchange_rates", rates).expect(201)
    items = [{"product": "PROD001", "quantity": 1, "unit_price": "100.00"}]
    shop.invoice(date="2026-11-01", currency="EUR", items=items)
    assert told(summary(shop))[1] == ("STATE State sales tax", "0.06", "120.00", "7.20")


def test_of_a_period(shop: Shop) -> None:
    shop.invoice(date="2026-10-31")
    assert told(summary(shop, **{"from": "2026-11-01"})) == [("Total tax", None, None, "0.00")]
