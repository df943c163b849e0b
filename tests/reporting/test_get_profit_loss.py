"""Profit or loss of a period: income above zero, expenses below, each subtotal the sum of what is above it."""

from typing import Any

import pytest

from tests.support.dimensions import enter
from tests.support.ledger import Books, credit, debit
from tests.support.reports import rows, ties
from tests.support.shop import Shop
from tests.support.statements import counted


def business(shop: Shop) -> Books:
    """A line in every part of the statement, in two months."""
    books = Books(shop.api)
    for account, amount in (("4010", "1000.00"), ("4200", "30.00"), ("4300", "5.00")):
        books.enter(debit("1020", amount), credit(account, amount), date="2026-03-10")
    for account, amount in (
        ("5010", "400.00"),
        ("6010", "50.00"),
        ("6120", "200.00"),
        ("6300", "10.00"),
        ("6400", "25.00"),
        ("6500", "70.00"),
    ):
        books.enter(debit(account, amount), credit("1020", amount), date="2026-03-20")
    books.rent("200.00", date="2026-02-20")
    return books


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    business(shop)
    answer = example(
        query={"from": "2026-03-01", "to": "2026-03-31", "compare": "previous_period", "detail": "categories"}
    )
    assert rows(answer)["result"] == ["280.00", "-200.00"]


def profit_loss(shop: Shop, **query: str) -> Any:
    return shop.api.call("get_profit_loss", query=query).expect(200).json


MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


def test_from_revenue_to_the_result(shop: Shop) -> None:
    business(shop)
    answer = profit_loss(shop, **MARCH, detail="categories")
    assert [(row["style"], row["label"], row["cells"][0]["amount"]) for row in answer["rows"]] == [
        ("line", "Revenue", "1000.00"),
        ("line", "Cost of sales", "-400.00"),
        ("subtotal", "Gross profit", "600.00"),
        ("line", "Other income", "30.00"),
        ("line", "Distribution costs", "-50.00"),
        ("line", "Administrative expenses", "-200.00"),
        ("line", "Other expenses", "-10.00"),
        ("subtotal", "Operating result", "370.00"),
        ("line", "Finance income", "5.00"),
        ("line", "Finance costs", "-25.00"),
        ("subtotal", "Result before tax", "350.00"),
        ("line", "Income tax", "-70.00"),
        ("total", "Result after tax", "280.00"),
    ]
    assert answer["columns"] == [
        {
            "key": "2026-03-01..2026-03-31",
            "label": "1 Mar – 31 Mar 2026",
            "kind": "amount",
            "starts_on": "2026-03-01",
            "ends_on": "2026-03-31",
        }
    ]
    (tie,) = answer["ties_to"]
    assert (tie["amount"], tie["balance"], tie["difference"]) == ("280.00", "280.00", "0.00")


def test_a_chart_by_nature_shows_its_own_lines_and_no_gross_profit(shop: Shop) -> None:
    """IAS 1, 102: expenses by nature are classified as what they are, and have no cost of sales."""
    record = shop.api.record
    record("accounts", code="7000", name="Wages", kind="expense", category="employee_benefits")
    record("accounts", code="7100", name="Diesel", kind="expense", category="fuel")
    record("accounts", code="7200", name="Sundry", kind="expense")
    books = Books(shop.api)
    for account in ("7000", "7100", "7200"):
        books.enter(debit(account, "10.00"), credit("1020", "10.00"), date="2026-03-01")
    answer = profit_loss(shop, **MARCH, detail="categories")
    assert [(row["label"], row["cells"][0]["amount"]) for row in answer["rows"]][1:5] == [
        ("Employee benefits", "-10.00"),
        ("Fuel", "-10.00"),
        ("Expenses without a category", "-10.00"),
        ("Operating result", "-30.00"),
    ]
    assert ties(answer) == ["0.00"]


def test_closing_a_year_leaves_its_result_as_it_was(shop: Shop) -> None:
    books = Books(shop.api)
    books.year(2025)
    books.enter(debit("1020", "900.00"), credit("4010", "900.00"), date="2025-12-31")
    year = {"from": "2025-01-01", "to": "2025-12-31"}
    before = profit_loss(shop, **year)
    assert rows(before)["result"] == ["900.00"]
    books.act("close_fiscal_year", {"id": "FY2025"})
    assert profit_loss(shop, **year) == before


def test_without_dates_it_is_the_fiscal_year_so_far(shop: Shop) -> None:
    business(shop)
    answer = profit_loss(shop)
    assert (answer["columns"][0]["starts_on"], answer["columns"][0]["ends_on"]) == ("2026-01-01", "2026-11-23")
    assert rows(answer)["result"] == ["80.00"]
    assert rows(profit_loss(shop, to="2026-02-28"))["result"] == ["-200.00"]


@pytest.mark.parametrize(
    ("first", "last", "compare", "before"),
    [
        ("2026-03-01", "2026-03-31", "previous_period", ("2026-02-01", "2026-02-28")),
        ("2026-01-01", "2026-03-31", "previous_period", ("2025-10-01", "2025-12-31")),
        ("2026-03-11", "2026-03-20", "previous_period", ("2026-03-01", "2026-03-10")),
        ("2026-02-01", "2026-02-28", "previous_year", ("2025-02-01", "2025-02-28")),
        ("2024-02-01", "2024-02-29", "previous_year", ("2023-02-01", "2023-02-28")),
    ],
)
def test_compared_with_earlier_periods(
    shop: Shop, first: str, last: str, compare: str, before: tuple[str, str]
) -> None:
    answer = profit_loss(shop, **{"from": first, "to": last}, compare=compare)
    assert (answer["columns"][1]["starts_on"], answer["columns"][1]["ends_on"]) == before


def test_by_cost_centre(shop: Shop) -> None:
    a, b, none = {"COST_CENTRE": "A"}, {"COST_CENTRE": "B", "PROJECT": "X"}, {}
    enter(shop.api, "D-1", "2026-03-10", ("6120", "70.00", a), ("6120", "20.00", b), ("1020", "-90.00", none))
    split = profit_loss(shop, split="COST_CENTRE", **MARCH)
    assert rows(split)["result"] == ["-70.00", "-20.00", "0.00", "-90.00"]
    for query, result in (
        ({"dimension[COST_CENTRE]": "A"}, "-70.00"),
        ({"dimension[COST_CENTRE]": "B", "dimension[PROJECT]": "X"}, "-20.00"),
        ({"dimension[COST_CENTRE]": "A", "dimension[PROJECT]": "X"}, "0.00"),
        ({"dimension[PROJECT]": ""}, "-70.00"),
    ):
        answer = profit_loss(shop, **query, **MARCH)
        assert (rows(answer)["result"], ties(answer)) == ([result], ["0.00"])


def test_read_in_one_statement(shop: Shop) -> None:
    profit_loss(shop)
    _, sent = counted(lambda: profit_loss(shop, compare="previous_year", columns="4"))
    assert len(sent) == 2


@pytest.mark.parametrize(
    ("query", "pointer"),
    [({"from": "2026-02-01", "to": "2026-01-01"}, ""), ({"from": "x"}, "/from"), ({"first": "2026-01-01"}, "/first")],
)
def test_what_cannot_be_asked_is_pointed_at(shop: Shop, query: dict[str, str], pointer: str) -> None:
    answer = shop.api.call("get_profit_loss", query=query).expect(422)
    assert [error["pointer"] for error in answer["errors"]] == [pointer]
