"""What customers owe, by how long it is past due, as of any day; it ties to the control accounts."""

from typing import Any

import pytest

from tests.support.reports import explained, rows, ties
from tests.support.shop import Shop
from tests.support.statements import counted

PARTY = "party:{}"


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    shop.invoice(date="2026-08-01")
    shop.invoice("CUST002")
    shop.pay("287.00", date="2026-09-15")
    answer = example(query={"as_of": "2026-11-23", "detail": "items"})
    assert rows(answer)["total"] == ["1200.00", "0.00", "0.00", "1000.00", "0.00", "0.00", "2200.00"]


def aged(shop: Shop, **query: str) -> Any:
    return shop.api.call("get_aged_receivables", query=query).expect(200).json


def total(shop: Shop, **query: str) -> list[str]:
    answer = aged(shop, **query)
    assert ties(answer) == ["0.00"]
    return list(rows(answer)["total"])


def test_an_item_moves_from_bucket_to_bucket(shop: Shop) -> None:
    """Due on 2026-08-31: it is not late on that day, 1 day late on the next."""
    shop.invoice(date="2026-08-01")
    for day, place in (
        ("2026-08-01", 0),
        ("2026-08-31", 0),
        ("2026-09-01", 1),
        ("2026-09-30", 1),
        ("2026-10-01", 2),
        ("2026-10-30", 2),
        ("2026-10-31", 3),
        ("2026-11-29", 3),
        ("2026-11-30", 4),
    ):
        expected = ["0.00"] * 7
        expected[place] = expected[6] = "1287.00"
        assert total(shop, as_of=day) == expected, day
    assert total(shop, as_of="2026-07-31") == ["0.00"] * 7


def test_the_buckets_are_a_choice(shop: Shop) -> None:
    shop.invoice(date="2026-08-01")
    answer = aged(shop, as_of="2026-09-10", buckets="7,14")
    assert [column["label"] for column in answer["columns"]] == [
        "Not due",
        "1–7 days",
        "8–14 days",
        "Over 14 days",
        "Unallocated",
        "Total",
    ]
    assert rows(answer)["total"] == ["0.00", "0.00", "1287.00", "0.00", "0.00", "1287.00"]


def test_a_past_day_shows_what_was_open_then(shop: Shop) -> None:
    """Allocations are dated events: a payment of today does not change the ageing of last month."""
    shop.invoice(date="2026-08-01")
    before = total(shop, as_of="2026-10-31")
    shop.pay("287.00", date="2026-11-10")
    assert total(shop, as_of="2026-10-31") == before
    assert total(shop, as_of="2026-11-10")[6] == "1000.00"


def test_known_at_shows_what_was_known_then(shop: Shop) -> None:
    shop.invoice(date="2026-08-01")
    known = shop.api.events("invoice.created")[-1]["time"]
    shop.pay("287.00", date="2026-08-15")
    assert total(shop, as_of="2026-08-31")[6] == "1000.00"
    assert total(shop, as_of="2026-08-31", known_at=known)[6] == "1287.00"


def test_advances_stand_apart_and_tie_all_the_same(shop: Shop) -> None:
    shop.invoice(date="2026-11-01")
    shop.pay("1500.00", "CUST002", allocations=[])
    answer = aged(shop)
    assert rows(answer)["total"] == ["1287.00", "0.00", "0.00", "0.00", "0.00", "-1500.00", "-213.00"]
    (tie,) = answer["ties_to"]
    assert (tie["ties_to"], tie["balance"], tie["difference"]) == ("Balance of 1200, 2300", "-213.00", "0.00")


def test_items_in_their_currency_and_in_base(shop: Shop) -> None:
    rates = {"rates": [{"currency": "EUR", "date": "2026-11-01", "rate": "1.20"}]}
    shop.api.call("set_exchange_rates", rates).expect(201)
    items = [{"product": "SERV001", "quantity": 1, "unit_price": "100.00"}]
    shop.invoice("CUST002", date="2026-11-01", currency="EUR", items=items)
    shop.pay("40.00", "CUST002", date="2026-11-02", currency="EUR")
    answer = aged(shop, detail="items")
    party, item, _ = answer["rows"]
    assert (party["party"]["code"], party["cells"][1]["amount"]) == ("CUST002", "72.00")
    assert (item["document"]["code"], item["due_date"], item["days_overdue"]) == ("INV-2026-000001", "2026-11-01", 22)
    assert (item["currency"], item["cells"][1]["in_currency"], item["cells"][1]["amount"]) == ("EUR", "60.00", "72.00")


def test_one_customer_ties_to_its_own_lines(shop: Shop) -> None:
    shop.invoice(date="2026-11-01")
    shop.invoice("CUST002", date="2026-11-01")
    answer = aged(shop, party="CUST002")
    assert [row["label"] for row in answer["rows"]] == ["CUST002 Desert Tools", "Total"]
    assert (answer["ties_to"][0]["balance"], ties(answer)) == ("1200.00", ["0.00"])


def test_every_cell_explains_itself(shop: Shop) -> None:
    shop.invoice(date="2026-08-01")
    shop.invoice("CUST002")
    shop.pay("287.00", date="2026-09-15")
    shop.pay("1500.00", "CUST002", allocations=[])
    assert explained(shop.api, aged(shop, detail="items")) == 42
    assert explained(shop.api, aged(shop, party="CUST001", known_at="2026-12-01T00:00:00Z")) == 14
    cell = aged(shop)["rows"][0]["cells"][3]["cell"]
    told = shop.api.call("get_explanation", path={"kind": "aged-receivables"}, query={"cell": cell}).expect(200).json
    assert [(line["document"]["code"], line["text"], line["amount"]) for line in told["data"]] == [
        ("INV-2026-000001", "opened", "1287.00"),
        ("PAY-2026-000001", "settled", "-287.00"),
    ]
    assert [event["type"] for line in told["data"] for event in line["events"]] == [
        "invoice.created",
        "stock.reserved",
        "payment.received",
    ]


def test_read_in_one_statement(shop: Shop) -> None:
    shop.invoice()
    aged(shop)
    _, sent = counted(lambda: aged(shop, detail="items"))
    assert len(sent) == 2


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"buckets": "30,20"}, ""),
        ({"buckets": "0,20"}, ""),
        ({"buckets": "a"}, "/buckets"),
        ({"party": "NOBODY"}, "/party"),
        ({"party": "SUPP001"}, "/party"),
    ],
)
def test_what_cannot_be_asked_is_pointed_at(shop: Shop, query: dict[str, str], pointer: str) -> None:
    answer = shop.api.call("get_aged_receivables", query=query).expect(422)
    assert [error["pointer"] for error in answer["errors"]] == [pointer]
