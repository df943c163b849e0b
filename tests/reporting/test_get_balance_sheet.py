"""The balance sheet: what there is, what is owed, and what is left, on any day (IAS 1, 54 to 60)."""

from typing import Any

import pytest

from tests.support.dimensions import enter
from tests.support.ledger import Books, credit, debit
from tests.support.reports import rows, ties
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    shop.invoice()
    shop.pay("500.00")
    answer = example(query={"as_of": "2026-11-30"})
    assert rows(answer)["assets.total"] == ["8487.00"]


def balance_sheet(shop: Shop, **query: str) -> Any:
    return shop.api.call("get_balance_sheet", query=query).expect(200).json


def test_every_line_stands_in_its_place(shop: Shop) -> None:
    shop.invoice()
    shop.pay("500.00")
    answer = balance_sheet(shop)
    assert (answer["kind"], answer["currency"], answer["company"]["code"]) == ("balance-sheet", "USD", "MAIN")
    assert answer["columns"] == [{"key": "2026-11-23", "label": "23 Nov 2026", "kind": "amount", "as_of": "2026-11-23"}]
    told = [
        (row["level"], row["style"], row["label"], *(cell["amount"] for cell in row["cells"])) for row in answer["rows"]
    ]
    assert told == [
        (0, "heading", "Assets"),
        (1, "heading", "Current assets"),
        (2, "line", "Inventories", "7200.00"),
        (3, "account", "1400 Merchandise inventory", "7200.00"),
        (2, "line", "Trade and other receivables", "787.00"),
        (3, "account", "1200 Accounts receivable", "787.00"),
        (2, "line", "Cash and cash equivalents", "500.00"),
        (3, "account", "1020 Bank, current account", "500.00"),
        (1, "subtotal", "Current assets, total", "8487.00"),
        (0, "total", "Assets, total", "8487.00"),
        (0, "heading", "Equity"),
        (1, "line", "Result of the year, not yet closed", "1200.00"),
        (0, "total", "Equity, total", "1200.00"),
        (0, "heading", "Liabilities"),
        (1, "heading", "Current liabilities"),
        (2, "line", "Trade and other payables", "7200.00"),
        (3, "account", "2150 Stock received not invoiced", "7200.00"),
        (2, "line", "Tax liabilities", "87.00"),
        (3, "account", "2200 Sales tax payable", "87.00"),
        (1, "subtotal", "Current liabilities, total", "7287.00"),
        (0, "total", "Liabilities, total", "7287.00"),
        (0, "total", "Liabilities and equity", "8487.00"),
    ]
    assert answer["ties_to"] == [
        {
            "column": "2026-11-23",
            "label": "Assets",
            "amount": "8487.00",
            "ties_to": "Liabilities and equity",
            "balance": "8487.00",
            "difference": "0.00",
        }
    ]


def test_the_result_moves_to_retained_earnings_when_its_year_is_closed(shop: Shop) -> None:
    """Before: results of two years, each as what it is. After the first is closed: retained earnings."""
    books = Books(shop.api)
    books.year(2025)
    books.enter(debit("1020", "900.00"), credit("4010", "900.00"), date="2025-06-30")
    books.enter(debit("1020", "50.00"), credit("4010", "50.00"), date="2026-01-15")
    day = {"as_of": "2026-01-31"}
    before = rows(balance_sheet(shop, **day), 0)
    assert (before["equity.earlier_results"], before["equity.result"]) == ("900.00", "50.00")
    assert (before["equity.total"], "equity.retained_earnings" in before) == ("950.00", False)
    books.act("close_fiscal_year", {"id": "FY2025"})
    after = rows(balance_sheet(shop, **day), 0)
    assert "equity.earlier_results" not in after
    assert (after["equity.retained_earnings"], after["equity.result"]) == ("900.00", "50.00")
    assert after["equity.total"] == "950.00"
    year_end = rows(balance_sheet(shop, as_of="2025-12-31"), 0)
    assert (year_end["equity.retained_earnings.3100"], year_end["equity.result"]) == ("900.00", "0.00")


def test_what_follows_an_earlier_day_or_was_recorded_later_does_not_count(shop: Shop) -> None:
    books = Books(shop.api)
    books.enter(debit("1020", "100.00"), credit("3000", "100.00"), date="2026-01-31")
    known = shop.api.events("journal_entry.posted")[-1]["time"]
    books.enter(debit("1020", "7.00"), credit("3000", "7.00"), date="2026-01-31")
    books.enter(debit("1020", "30.00"), credit("3000", "30.00"), date="2026-02-01")

    def bank(**query: str) -> str:
        return str(rows(balance_sheet(shop, **query), 0)["assets.current.cash_and_cash_equivalents.1020"])

    assert bank(as_of="2026-01-31") == "107.00"
    assert bank(as_of="2026-01-31", known_at=known) == "100.00"
    assert bank(as_of="2026-02-28") == "137.00"
    later = "2027-01-01T00:00:00Z"
    assert rows(balance_sheet(shop, known_at=later)) == rows(balance_sheet(shop))


@pytest.mark.parametrize(
    ("compare", "as_of", "days"),
    [
        ("previous_period", "2026-04-30", ["2026-04-30", "2026-03-31", "2026-02-28", "2026-01-31"]),
        ("previous_period", "2026-03-30", ["2026-03-30", "2026-02-28", "2026-01-31", "2025-12-31"]),
        ("previous_year", "2026-02-28", ["2026-02-28", "2025-02-28", "2024-02-29", "2023-02-28"]),
    ],
)
def test_compared_with_earlier_days(shop: Shop, compare: str, as_of: str, days: list[str]) -> None:
    """The end of a month is compared with the ends of others."""
    answer = balance_sheet(shop, as_of=as_of, compare=compare, columns="3")
    assert [column["as_of"] for column in answer["columns"]] == days
    assert ties(answer) == ["0.00"] * 4


def test_figures_of_compared_days(shop: Shop) -> None:
    books = Books(shop.api)
    for day, amount in (("2026-01-15", "100.00"), ("2026-02-15", "20.00"), ("2026-03-15", "3.00")):
        books.enter(debit("1020", amount), credit("4010", amount), date=day)
    answer = balance_sheet(shop, as_of="2026-03-31", compare="previous_period", columns="3")
    assert rows(answer)["assets.total"] == ["123.00", "120.00", "100.00", "0.00"]
    assert rows(answer)["equity.result"] == ["123.00", "120.00", "100.00", "0.00"]


def test_narrowed_to_a_dimension_it_still_balances(shop: Shop) -> None:
    """What the lines of one cost centre share with the others stands as a line of equity."""
    a, b, none = {"COST_CENTRE": "A"}, {"COST_CENTRE": "B"}, {}
    lines = [("6120", "70.00", a), ("6130", "20.00", b), ("1020", "-100.00", none), ("1010", "10.00", a)]
    enter(shop.api, "D-1", "2026-03-10", *lines)
    found = rows(balance_sheet(shop, **{"dimension[COST_CENTRE]": "A"}), 0)
    assert (found["assets.total"], found["equity.result"], found["equity.other_dimensions"]) == (
        "10.00",
        "-70.00",
        "80.00",
    )
    assert found["liabilities_and_equity"] == "10.00"
    without = rows(balance_sheet(shop, **{"dimension[COST_CENTRE]": ""}), 0)
    assert without["assets.current.cash_and_cash_equivalents"] == "-100.00"
    nothing = balance_sheet(shop, **{"dimension[COST_CENTRE]": "C"})
    assert rows(nothing, 0)["assets.total"] == "0.00"


def test_split_by_a_dimension(shop: Shop) -> None:
    a, b, none = {"COST_CENTRE": "A"}, {"COST_CENTRE": "B"}, {}
    lines = [("6120", "70.00", a), ("6130", "20.00", b), ("1020", "-100.00", none), ("1010", "10.00", a)]
    enter(shop.api, "D-1", "2026-03-10", *lines)
    answer = balance_sheet(shop, split="COST_CENTRE", as_of="2026-03-31")
    assert [(column["label"], column.get("dimension_value")) for column in answer["columns"]] == [
        ("A", "A"),
        ("B", "B"),
        ("Without", None),
        ("Total", None),
    ]
    assert rows(answer)["assets.total"] == ["10.00", "0.00", "-100.00", "-90.00"]
    assert rows(answer)["equity.result"] == ["-70.00", "-20.00", "0.00", "-90.00"]
    assert ties(answer) == ["0.00"] * 4


def test_categories_only_and_rows_of_nothing(shop: Shop) -> None:
    shop.invoice()
    short = balance_sheet(shop, detail="categories")
    assert {row["style"] for row in short["rows"]} == {"heading", "line", "subtotal", "total"}
    whole = rows(balance_sheet(shop, zero="show"), 0)
    assert whole["assets.non_current.intangible_assets.1600"] == "0.00"


def test_accounts_of_other_categories_stand_by_themselves(shop: Shop) -> None:
    """Nothing is lost: a category of the chart's own, or none, is a line too."""
    record = shop.api.record
    record("accounts", code="1999", name="Livestock", kind="asset", category="livestock")
    record("accounts", code="2999", name="Odd debts", kind="liability")
    Books(shop.api).enter(debit("1999", "5.00"), credit("2999", "5.00"), date="2026-05-05")
    found = {row["key"]: row["label"] for row in balance_sheet(shop)["rows"]}
    assert found["assets.livestock"] == "Livestock"
    assert found["liabilities.without_category"] == "Without a category"
    assert rows(balance_sheet(shop), 0)["assets.not_classified.total"] == "5.00"


def test_it_is_read_in_one_statement_however_much_there_is(shop: Shop) -> None:
    balance_sheet(shop)
    for query in ({}, {"compare": "previous_year", "columns": "5"}, {"known_at": "2026-11-23T10:00:00Z"}):
        _, sent = counted(lambda query=query: balance_sheet(shop, **query))
        assert len(sent) == 2


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"as_of": "today"}, "/as_of"),
        ({"columns": "25", "compare": "previous_year"}, "/columns"),
        ({"compare": "yesterday"}, "/compare"),
        ({"compare": "previous_year", "split": "COST_CENTRE"}, ""),
        ({"company": "NONE"}, "/company"),
        ({"format": "docx"}, "/format"),
        ({"dimension[]": "A"}, "/dimension//[key]"),
    ],
)
def test_what_cannot_be_asked_is_pointed_at(shop: Shop, query: dict[str, str], pointer: str) -> None:
    answer = shop.api.call("get_balance_sheet", query=query).expect(422)
    assert [error["pointer"] for error in answer["errors"]] == [pointer]
