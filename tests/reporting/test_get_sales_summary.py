"""Net sales by customer and by product; they tie to revenue."""

from typing import Any

import pytest

from tests.ledger.deferring import defer, recognise
from tests.support.integrity import sound
from tests.support.ledger import Books, credit, debit
from tests.support.reports import explained, rows, ties
from tests.support.shop import Shop


def sell(shop: Shop) -> None:
    shop.invoice()
    shop.invoice("CUST002", items=[{"product": "SERV001", "quantity": 2}, {"product": "PROD001", "quantity": "1"}])
    returned = shop.invoice("CUST002", items=[{"product": "PROD002", "quantity": 1}])
    shop.api.call("credit_invoice", {"reason": "Returned"}, path={"id": returned["id"]}).expect(201)


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    sell(shop)
    answer = example(query={"from": "2026-11-01", "to": "2026-11-30", "by": "product"})
    assert rows(answer)["total"] == ["13", "1470.00"]


def summary(shop: Shop, **query: str) -> Any:
    return shop.api.call("get_sales_summary", query=query).expect(200).json


def test_by_customer(shop: Shop) -> None:
    """Without tax, the largest first; what was credited is taken off; what nobody bought has its own row."""
    sell(shop)
    Books(shop.api).enter(debit("1020", "30.00"), credit("4010", "30.00"))
    answer = summary(shop)
    assert [(row["label"], row["cells"][0]["amount"]) for row in answer["rows"]] == [
        ("CUST001 Lighthouse Books", "1200.00"),
        ("CUST002 Desert Tools", "270.00"),
        ("Without a customer", "30.00"),
        ("Total", "1500.00"),
    ]
    assert (answer["ties_to"][0]["balance"], ties(answer)) == ("1500.00", ["0.00"])
    assert explained(shop.api, answer) == 4


def test_by_product(shop: Shop) -> None:
    sell(shop)
    answer = summary(shop, by="product")
    assert [(row["label"], *(cell["amount"] for cell in row["cells"])) for row in answer["rows"]] == [
        ("PROD001 Reading lamp", "11", "1320.00"),
        ("SERV001 Assembly", "2", "150.00"),
        ("Total", "13", "1470.00"),
    ]
    assert [column["kind"] for column in answer["columns"]] == ["quantity", "amount"]
    assert explained(shop.api, answer) == 6


def test_of_a_period(shop: Shop) -> None:
    service = [{"product": "SERV001", "quantity": 1}]
    for day in ("2026-10-31", "2026-11-01", "2026-11-30", "2026-12-01"):
        shop.invoice("CUST002", date=day, items=service)
    november = {"from": "2026-11-01", "to": "2026-11-30"}
    assert rows(summary(shop, **november))["total"] == ["150.00"]
    assert rows(summary(shop, **november, known_at="2026-11-23T09:00:00Z"))["total"] == ["0.00"]


def test_what_is_deferred_counts_with_its_customer_and_product_as_it_is_earned(shop: Shop) -> None:
    """A year of service for 1,200.00 is 100.00 a month; half of it, credited in December, leaves 40.00 a month."""
    books = Books(shop.api)
    items = [{"product": "SERV001", "quantity": 2, "unit_price": "600.00"}]
    invoice = shop.invoice("CUST002", date="2026-10-01", items=items)
    defer(books, source={"document": invoice["id"], "line": 2}, starts_on="2026-10-01", months=12)
    recognise(books, until="2026-11-30")
    back = {"reason": "Half of it", "date": "2026-12-01", "lines": [{"line": 1, "quantity": 1}]}
    shop.api.call("credit_invoice", back, path={"id": invoice["id"]}).expect(201)
    recognise(books, until="2026-12-31")
    told = []
    for first, last in (("2026-10-01", "2026-10-31"), ("2026-11-01", "2026-11-30"), ("2026-12-01", "2026-12-31")):
        for by in ("customer", "product"):
            answer = summary(shop, by=by, **{"from": first, "to": last})
            assert (ties(answer), explained(shop.api, answer)) == (["0.00"], 2 if by == "customer" else 4)
            told.append([(row["label"], *(cell["amount"] for cell in row["cells"])) for row in answer["rows"]][:-1])
    assert told == [
        [("CUST002 Desert Tools", "100.00")],
        [("SERV001 Assembly", "2", "100.00")],
        [("CUST002 Desert Tools", "100.00")],
        [("SERV001 Assembly", "0", "100.00")],
        [("CUST002 Desert Tools", "40.00")],
        [("SERV001 Assembly", "-1", "40.00")],
    ]
    sound(shop.api)
