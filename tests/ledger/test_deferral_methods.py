"""How deferrals are spread: the exact numbers of Odoo's and ERPNext's tests of the kind, and those of our own.

Odoo: account/tests/test_deferred_management.py. ERPNext: accounts/doctype/sales_invoice/test_sales_invoice.py,
test_deferred_revenue and test_fixed_deferred_revenue, and process_deferred_accounting.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from bigledger.ledger.deferral_model import spread
from tests.ledger.deferring import defer, planned, recognise
from tests.support.integrity import sound
from tests.support.ledger import Books, credit, debit

FULL_YEAR = [
    *("2024-06-30", "2024-07-31", "2024-08-31", "2024-09-30", "2024-10-31", "2024-11-30", "2024-12-31"),
    *("2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30", "2025-05-31"),
]


def parts(method: Any, amount: str, starts_on: str, ends_on: str, currency: str = "USD") -> list[tuple[str, str]]:
    days = (dt.date.fromisoformat(day) for day in (starts_on, ends_on))
    return [(str(one.date), str(one.amount)) for one in spread(Decimal(amount), currency, *days, None, method)]


@pytest.mark.parametrize(
    ("amount", "starts_on", "ends_on", "expected"),
    [
        ("1000.00", "2023-01-01", "2023-04-30", ["250.00"] * 4),
        ("1050.00", "2023-01-16", "2023-04-30", ["150.00", "300.00", "300.00", "300.00"]),
        ("1225.00", "2023-01-01", "2023-04-15", ["350.00", "350.00", "350.00", "175.00"]),
        ("1680.00", "2023-01-21", "2023-04-14", ["200.00", "600.00", "600.00", "280.00"]),
        ("225.00", "2023-04-01", "2023-04-15", ["225.00"]),
        ("500.00", "2020-08-07", "2020-12-07", ["99.17", "123.97", "123.97", "123.97", "28.92"]),
        ("1300.00", "2024-06-25", "2024-07-07", ["600.00", "700.00"]),
        ("50000.00", "2019-01-16", "2019-03-31", ["10000.00", "20000.00", "20000.00"]),
        ("3000.00", "2023-05-01", "2023-07-31", ["1000.00", "1000.00", "1000.00"]),
    ],
)
def test_months_of_thirty_days(amount: str, starts_on: str, ends_on: str, expected: list[str]) -> None:
    """Odoo's lines of expense and revenue, its rounding, its periods across months, and ERPNext's fixed months."""
    assert [part for _, part in parts("months_30", amount, starts_on, ends_on)] == expected


def test_the_last_part_is_dated_on_the_last_day_of_the_time() -> None:
    """Odoo's test_deferred_values_rounding."""
    days = [day for day, _ in parts("months_30", "500.00", "2020-08-07", "2020-12-07")]
    assert days == ["2020-08-31", "2020-09-30", "2020-10-31", "2020-11-30", "2020-12-07"]


@pytest.mark.parametrize(
    ("starts_on", "ends_on"), [("2023-01-01", "2023-04-15"), ("2024-06-05", "2025-06-04"), ("2024-02-29", "2024-02-29")]
)
def test_each_method_gives_the_whole_amount(starts_on: str, ends_on: str) -> None:
    for method in ("months_30", "months_actual", "full_months", "months", "days"):
        assert sum(Decimal(part) for _, part in parts(method, "1000.01", starts_on, ends_on)) == Decimal("1000.01")


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "expected"),
    [
        ("2024-06-05", "2025-06-04", [(day, "1000.00") for day in FULL_YEAR]),
        ("2024-06-30", "2025-06-29", [(day, "1000.00") for day in FULL_YEAR]),
        ("2024-01-01", "2024-02-29", [("2024-01-31", "6000.00"), ("2024-02-29", "6000.00")]),
        ("2024-01-15", "2024-03-14", [("2024-01-31", "6000.00"), ("2024-02-29", "6000.00")]),
        ("2024-01-15", "2024-02-14", [("2024-01-31", "12000.00")]),
        ("2024-01-01", "2024-01-16", [("2024-01-31", "12000.00")]),
        ("2024-02-05", "2024-03-15", [("2024-02-29", "12000.00")]),
        ("2024-01-16", "2024-02-29", [("2024-01-31", "6000.00"), ("2024-02-29", "6000.00")]),
        ("2024-01-16", "2024-03-31", [("2024-01-31", "4000.00"), ("2024-02-29", "4000.00"), ("2024-03-31", "4000.00")]),
    ],
)
def test_full_months(starts_on: str, ends_on: str, expected: list[tuple[str, str]]) -> None:
    """Odoo's test_deferred_compute_method_full_months; what falls into one month comes with its end."""
    assert parts("full_months", "12000.00", starts_on, ends_on) == expected


def test_days() -> None:
    """ERPNext's test_deferred_revenue, 65 days, with what its tests round; and Odoo's of 13 days."""
    told = parts("days", "100.00", "2019-01-10", "2019-03-15")
    assert told == [("2019-01-31", "33.85"), ("2019-02-28", "43.08"), ("2019-03-15", "23.07")]
    assert parts("days", "1300.00", "2024-06-25", "2024-07-07") == [("2024-06-30", "600.00"), ("2024-07-07", "700.00")]


def test_the_first_and_last_month_with_their_share_of_actual_days() -> None:
    """15 of 31 days of January, all of February, 14 of 28 days of the next: 0.483870…, 1 and 0.5."""
    told = parts("months_actual", "615.00", "2027-01-17", "2027-03-31")
    assert told == [("2027-01-31", "119.81"), ("2027-02-28", "247.60"), ("2027-03-31", "247.59")]
    halves = parts("months_actual", "200.00", "2026-02-15", "2026-04-15")
    assert halves == [("2026-02-28", "50.00"), ("2026-03-31", "100.00"), ("2026-04-15", "50.00")]


def test_a_leap_year_counts_its_day_by_days_alone() -> None:
    """A quarter of 91 days, of which February has 29; 14 of 29 days of it."""
    by_days = parts("days", "910.00", "2028-01-01", "2028-03-31")
    assert [part for _, part in by_days] == ["310.00", "290.00", "310.00"]
    assert [part for _, part in parts("months_30", "910.00", "2028-01-01", "2028-03-31")] == [
        "303.33",
        "303.33",
        "303.34",
    ]
    assert parts("months_actual", "43.00", "2028-01-01", "2028-02-14") == [
        ("2028-01-31", "29.00"),
        ("2028-02-14", "14.00"),
    ]


def test_a_currency_without_decimals() -> None:
    assert parts("months_30", "1000", "2026-01-01", "2026-03-31", "JPY") == [
        ("2026-01-31", "333"),
        ("2026-02-28", "333"),
        ("2026-03-31", "334"),
    ]


@pytest.mark.parametrize("day", ["2023-01-30", "2023-01-31", "2023-02-28", "2023-01-01"])
def test_a_single_day(day: str) -> None:
    for method in ("months_30", "months_actual", "days", "months"):
        assert [part for _, part in parts(method, "7.00", day, day)] == ["7.00"]


def test_the_company_says_how_where_a_schedule_does_not(books: Books) -> None:
    body = {"kind": "expense", "amount": "1050.00", "account": "6140", "starts_on": "2026-09-16",
            "ends_on": "2026-12-31"}  # fmt: skip
    assert [part for _, part in planned(defer(books, **body))] == ["150.00", "300.00", "300.00", "300.00"]
    path = {"resource": "companies", "id": "MAIN"}
    policies = books.api.call("get_record", path=path).expect(200)["policies"] | {"deferral_method": "full_months"}
    headers = {"If-Match": '"1"'}
    books.api.call("update_record", {"policies": policies}, path=path, headers=headers).expect(200)
    schedule = defer(books, **body)
    assert (schedule["method"], schedule["instalments"][0]["amount"]) == ("full_months", "262.50")


def test_months_are_recognised_on_their_last_day_and_the_rest_at_the_end(books: Books) -> None:
    """From the middle of a month: 15, 30 and 14 of 59 thirtieths."""
    entry = books.enter(debit("6140", "100.00"), credit("1020", "100.00"), date="2026-08-16")
    schedule = defer(
        books, source={"document": entry["number"], "line": 1}, starts_on="2026-08-16", ends_on="2026-10-14"
    )
    assert planned(schedule) == [("2026-08-31", "25.42"), ("2026-09-30", "50.85"), ("2026-10-14", "23.73")]
    recognise(books, until="2026-09-30")
    assert books.balances()["1300"] == "23.73"
    recognise(books, until="2026-10-31")
    assert "1300" not in books.balances()
    sound(books.api)
