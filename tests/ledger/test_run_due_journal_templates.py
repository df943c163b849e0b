"""Recurring templates: due by month, quarter and year, caught up with after a gap, each due date once."""

import datetime as dt
from typing import Any

import pytest
from psycopg import errors

from bigledger.records import Recurrence
from tests.ledger.test_run_journal_template import RENT, run, template
from tests.support.integrity import sound
from tests.support.ledger import Books
from tests.support.shop import Shop
from tests.support.sql import constraint, refused
from tests.support.statements import counted


def run_due(books: Books, **body: Any) -> Any:
    return books.api.call("run_due_journal_templates", body, headers=books.key()).expect(200).json


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    template(Books(shop.api), recurrence={"every": "month", "starts_on": "2026-09-30", "end_of_month": True})
    answer = example(body={"until": "2026-11-23"}, headers={"Idempotency-Key": "november"})
    assert [(run["due_date"], run["total"]) for run in answer["runs"]] == [
        ("2026-09-30", "1200.00"), ("2026-10-31", "1200.00"),
    ]  # fmt: skip
    assert (answer["refused"], answer["more"]) == ([], False)


@pytest.mark.parametrize(
    ("recurrence", "until", "expected"),
    [
        ({"every": "month", "starts_on": "2026-01-31"}, "2026-04-30", "01-31 02-28 03-31 04-30"),
        ({"every": "month", "starts_on": "2026-02-28"}, "2026-04-30", "02-28 03-28 04-28"),
        ({"every": "month", "starts_on": "2026-02-28", "end_of_month": True}, "2026-04-29", "02-28 03-31"),
        ({"every": "quarter", "starts_on": "2026-01-15"}, "2026-12-31", "01-15 04-15 07-15 10-15"),
        ({"every": "year", "starts_on": "2024-02-29"}, "2024-12-31", "02-29"),
        ({"every": "month", "starts_on": "2026-01-05", "ends_on": "2026-03-04"}, "2026-12-31", "01-05 02-05"),
        ({"every": "month", "starts_on": "2026-01-05"}, "2026-01-04", ""),
    ],
)
def test_due_dates(recurrence: dict[str, Any], until: str, expected: str) -> None:
    due = Recurrence.model_validate(recurrence).due(dt.date.fromisoformat(until))
    assert " ".join(f"{day:%m-%d}" for day in due) == expected


def test_a_leap_day_is_the_last_of_february_in_other_years() -> None:
    due = Recurrence.model_validate({"every": "year", "starts_on": "2024-02-29"}).due(dt.date(2028, 3, 1))
    assert [str(day) for day in due] == ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_a_gap_is_caught_up_with_and_each_due_date_runs_once(books: Books) -> None:
    template(books, recurrence={"every": "month", "starts_on": "2026-07-31"})
    template(books, "PHONE", [{"account": "6160", "debit": "50.00"}, {"account": "1020", "credit": "50.00"}],
             recurrence={"every": "quarter", "starts_on": "2026-07-31"})  # fmt: skip
    run(books, date="2026-08-31")
    answer = run_due(books, until="2026-10-31")
    assert [(run["template"]["code"], run["due_date"]) for run in answer["runs"]] == [
        ("PHONE", "2026-07-31"), ("RENT", "2026-07-31"), ("RENT", "2026-09-30"), ("PHONE", "2026-10-31"),
        ("RENT", "2026-10-31"),
    ]  # fmt: skip
    assert run_due(books, until="2026-10-31")["runs"] == []
    assert books.balances() == {"1020": "-4900.00", "6120": "4800.00", "6160": "100.00"}
    sound(books.api)


def test_what_cannot_be_posted_is_told_and_keeps_nothing_else_waiting(books: Books) -> None:
    template(books, recurrence={"every": "month", "starts_on": "2026-09-30"})
    template(books, "SHARED", [{"account": "6120", "debit_percent": "1"}, {"account": "1020", "credit_percent": "1"}],
             recurrence={"every": "year", "starts_on": "2026-11-01"})  # fmt: skip
    books.period("close_period", 9)
    answer = run_due(books, until="2026-11-23")
    assert [(one["template"]["code"], one["due_date"], one["code"]) for one in answer["refused"]] == [
        ("RENT", "2026-09-30", "period_closed"), ("SHARED", "2026-11-01", "invalid_request"),
    ]  # fmt: skip
    assert [run["due_date"] for run in answer["runs"]] == ["2026-10-30"]
    books.period("reopen_period", 9, reason="Forgotten rent")
    assert [run["due_date"] for run in run_due(books, until="2026-11-23")["runs"]] == ["2026-09-30"]


@pytest.mark.one_driver
def test_the_database_takes_a_due_date_once(books: Books) -> None:
    template(books)
    run(books, date="2026-11-20")
    sql = (
        "INSERT INTO ledger.template_run (template_id, due_date, document_id)"
        " SELECT template_id, due_date, document_id FROM ledger.template_run"
    )
    assert constraint(refused(books.api, errors.UniqueViolation, sql)) == "template_run_once"


def test_statements_do_not_grow_with_what_is_due(books: Books) -> None:
    template(books, recurrence={"every": "month", "starts_on": "2026-01-01"}, lines=RENT)
    run_due(books, until="2026-01-01")
    few = len(counted(lambda: run_due(books, until="2026-02-01"))[1])
    many = len(counted(lambda: run_due(books, until="2026-11-01"))[1])
    assert few == many
    assert many <= 5
