"""Balances by account, period and dimension, from the balances of the days."""

from typing import Any

import pytest

from tests.support.ledger import Books, credit, debit
from tests.support.shop import Shop
from tests.support.statements import counted


def enter(books: Books, day: str, amount: str, centre: str | None = None) -> None:
    more = {"dimensions": {"CENTRE": centre}} if centre else {}
    books.enter(debit("6120", amount, **more), credit("1020", amount), date=day)


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    books = Books(shop.api)
    books.dimension("CENTRE", "NORTH", "SOUTH")
    enter(books, "2026-10-05", "100.00", "NORTH")
    enter(books, "2026-11-05", "150.00", "NORTH")
    enter(books, "2026-11-06", "80.00", "SOUTH")
    enter(books, "2026-11-07", "20.00")
    query = {"account": "6120", "dimension": "CENTRE", "date_from": "2026-11-01", "as_of": "2026-11-30"}
    answer = example(query=query)
    assert [
        (row.get("value", {}).get("code"), row["opening"], row["debit"], row["credit"], row["closing"])
        for row in answer["rows"]
    ] == [
        ("NORTH", "100.00", "150.00", "0.00", "250.00"),
        ("SOUTH", "0.00", "80.00", "0.00", "80.00"),
        (None, "0.00", "20.00", "0.00", "20.00"),
    ]


def get(books: Books, **query: str) -> Any:
    return books.api.call("get_account_balances", query=query).expect(200).json


def rows(answer: Any) -> list[tuple[Any, ...]]:
    return [
        (row["account"]["code"], row.get("period", {}).get("number"), row["opening"], row["debit"], row["credit"],
         row["closing"])
        for row in answer["rows"]
    ]  # fmt: skip


def test_by_period_each_opens_with_what_the_one_before_came_to(books: Books) -> None:
    enter(books, "2026-09-30", "40.00")
    enter(books, "2026-10-05", "100.00")
    enter(books, "2026-11-05", "150.00")
    assert rows(get(books, by="period", date_from="2026-10-01", as_of="2026-11-05")) == [
        ("1020", 10, "-40.00", "0.00", "100.00", "-140.00"),
        ("1020", 11, "-140.00", "0.00", "150.00", "-290.00"),
        ("6120", 10, "40.00", "100.00", "0.00", "140.00"),
        ("6120", 11, "140.00", "150.00", "0.00", "290.00"),
    ]
    last = get(books, by="period", date_from="2026-10-01", as_of="2026-11-05")["rows"][1]["period"]
    assert last == {"fiscal_year": "FY2026", "number": 11, "starts_on": "2026-11-01", "ends_on": "2026-11-05"}


def test_without_dates_it_is_everything_up_to_today(books: Books) -> None:
    enter(books, "2026-11-24", "1.00")
    enter(books, "2026-11-23", "2.00")
    assert rows(get(books)) == [
        ("1020", None, "0.00", "0.00", "2.00", "-2.00"),
        ("6120", None, "0.00", "2.00", "0.00", "2.00"),
    ]


def test_one_value_of_a_dimension_alone(books: Books) -> None:
    books.dimension("CENTRE", "NORTH", "SOUTH")
    enter(books, "2026-11-05", "150.00", "NORTH")
    enter(books, "2026-11-06", "80.00", "SOUTH")
    assert rows(get(books, value="SOUTH")) == [("6120", None, "0.00", "80.00", "0.00", "80.00")]


def test_the_closing_of_a_year_can_be_left_out(books: Books) -> None:
    books.year(2025)
    enter(books, "2025-03-01", "10.00")
    books.act("close_fiscal_year", {"id": "FY2025"})
    query = {"account": "6120", "as_of": "2025-12-31"}
    assert rows(get(books, **query)) == [("6120", None, "0.00", "10.00", "10.00", "0.00")]
    assert rows(get(books, **query, closing="exclude")) == [("6120", None, "0.00", "10.00", "0.00", "10.00")]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"account": "9999"}, "/account"),
        ({"dimension": "NONE"}, "/dimension"),
        ({"dimension": "CENTRE", "value": "NONE"}, "/value"),
        ({"company": "NONE"}, "/company"),
        ({"date_from": "2026-11-02", "as_of": "2026-11-01"}, ""),
    ],
)
def test_what_is_not_there_is_pointed_at(books: Books, query: dict[str, str], pointer: str) -> None:
    books.dimension("CENTRE", "NORTH")
    refused = books.api.call("get_account_balances", query=query).expect(422)
    assert refused["errors"][0]["pointer"] == pointer


def test_two_statements_however_many_accounts(books: Books) -> None:
    enter(books, "2026-11-05", "1.00")
    get(books)
    assert len(counted(lambda: get(books, by="period"))[1]) == 2
