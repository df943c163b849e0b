"""Taxes of a period by tax and rate, with the amounts they were computed on."""

from decimal import Decimal
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.ledger import Books, credit, debit
from tests.support.purchases import Purchases
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


@pytest.fixture
def cash(shop: Shop) -> Shop:
    """A shop in a place with a tax of 10 % that is due at payment."""
    rates = [{"rate": "0.1", "valid_from": "2020-01-01"}]
    due = {"due": "payment", "account": "2200", "transition_account": "2205"}
    shop.api.record("taxes", code="CASH", name="VAT on payment", jurisdiction="GB", rates=rates, **due)
    shop.api.record("tax-rules", code="GB", name="Britain", jurisdiction="GB", taxes=["CASH"])
    shop.api.record("customers", code="LEEDS", name="Aire Lighting", jurisdiction="GB")
    return shop


def ties(answer: Any) -> list[tuple[str, str, str]]:
    return [(tie["amount"], tie["balance"], tie["difference"]) for tie in answer["ties_to"]]


def test_purchases_stand_beside_sales_and_all_ties_to_the_returns(api: Api) -> None:
    """Tax that is claimed back is below zero; what the buyer owes under reverse charge is owed and claimed."""
    buyer = Purchases(api)
    buyer.bill(items=[{"account": "6150", "unit_price": "1000.00", "taxes": ["VAT20"]}])
    buyer.bill(items=[{"account": "6190", "unit_price": "100.00", "taxes": ["CAR"]}])
    buyer.bill(items=[{"account": "6170", "unit_price": "500.00", "taxes": ["RC19"]}])
    answer = buyer.api.call("get_tax_summary").expect(200).json
    assert told(answer) == [
        ("CAR CAR", "0.2", "-50.00", "-10.00"),
        ("RC19 RC19", "0.19", "0.00", "0.00"),
        ("VAT20 VAT20", "0.2", "-1000.00", "-200.00"),
        ("Total tax", None, None, "-210.00"),
    ]
    assert ties(answer) == [("-210.00", "-210.00", "0.00")]
    assert explained(buyer.api, answer) == 7


def test_tax_due_at_payment_counts_on_the_day_it_is_paid(cash: Shop) -> None:
    """Cash accounting: nothing is due in October, when 990.00 are invoiced; 396.00 of it are paid in November."""
    invoice = cash.invoice("LEEDS", date="2026-10-10", items=[{"product": "PROD002", "quantity": 2}])
    rate, october = "0.1", {"from": "2026-10-01", "to": "2026-10-31"}
    assert (invoice["subtotal"], invoice["tax_total"]) == ("900.00", "90.00")
    assert told(summary(cash, **october)) == [("Total tax", None, None, "0.00")]
    cash.pay("396.00", "LEEDS", date="2026-11-05")
    november = summary(cash, **{"from": "2026-11-01", "to": "2026-11-30"})
    assert told(november) == [
        ("CASH VAT on payment", rate, "360.00", "36.00"),
        ("Total tax", None, None, "36.00"),
    ]
    assert ties(november) == [("36.00", "36.00", "0.00")]
    assert explained(cash.api, november) == 3
    assert told(summary(cash, **october)) == [("Total tax", None, None, "0.00")]


def test_an_entry_by_hand_with_a_tax_is_no_part_of_a_return_and_shows_as_a_difference(shop: Shop) -> None:
    Books(shop.api).enter(debit("1020", "5.00"), credit("2200", "5.00", tax="STATE"))
    answer = summary(shop)
    assert told(answer) == [
        ("STATE State sales tax", None, "0.00", "5.00"),
        ("Total tax", None, None, "5.00"),
    ]
    assert ties(answer) == [("5.00", "0.00", "5.00")]
