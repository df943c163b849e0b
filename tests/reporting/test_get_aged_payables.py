"""What is owed to suppliers: amounts above zero, advances to them apart."""

from typing import Any

import pytest

from tests.support.ledger import Books, credit, debit
from tests.support.reports import explained, rows, ties
from tests.support.shop import Shop


def owe(shop: Shop) -> None:
    """Two debts entered by hand and an advance."""
    shop.api.record("suppliers", code="SUPP001", name="Lamp works", jurisdiction="US-CA")
    books = Books(shop.api)
    books.enter(debit("6300", "400.00"), credit("2100", "400.00", supplier="SUPP001"), date="2026-09-01")
    books.enter(debit("6300", "50.00"), credit("2100", "50.00", supplier="SUPP001"), date="2026-11-20")
    books.enter(debit("1230", "70.00", supplier="SUPP001"), credit("1020", "70.00"), date="2026-11-21")


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    owe(shop)
    answer = example(query={"as_of": "2026-11-23", "detail": "items", "buckets": "30,60"})
    assert rows(answer)["total"] == ["0.00", "50.00", "0.00", "400.00", "-70.00", "380.00"]


def test_it_ties_to_what_the_books_say(shop: Shop) -> None:
    owe(shop)
    answer = shop.api.call("get_aged_payables", query={"detail": "items"}).expect(200).json
    (tie,) = answer["ties_to"]
    assert (tie["ties_to"], tie["balance"], tie["difference"]) == ("Balance of 1230, 2100, 2140", "380.00", "0.00")
    assert rows(answer)["total"][6] == "380.00"
    assert explained(shop.api, answer) == 35
    assert ties(shop.api.call("get_aged_receivables").expect(200).json) == ["0.00"]
