"""Templates run by hand: amounts or percentages, once for a day, accruals taken back by themselves."""

from typing import Any

import pytest

from tests.support.integrity import sound
from tests.support.ledger import Books
from tests.support.shop import Shop
from tests.support.statements import counted

RENT = [{"account": "6120", "debit": "1200.00"}, {"account": "1020", "credit": "1200.00"}]


def template(books: Books, code: str = "RENT", lines: Any = None, **fields: Any) -> None:
    books.api.record("journal-templates", code=code, name=code.title(), company="MAIN", lines=lines or RENT, **fields)


def run(books: Books, code: str = "RENT", status: int = 200, **body: Any) -> Any:
    call = books.api.call("run_journal_template", body, path={"id": code}, headers=books.key())
    return call.expect(status).json


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    template(Books(shop.api), reverse="next_month", text="Rent not billed yet")
    answer = example(path={"id": "RENT"}, body={"date": "2026-10-31"}, headers={"Idempotency-Key": "rent-october"})
    assert (answer["status"], answer["total"], answer["reversed_on"]) == ("posted", "1200.00", "2026-11-01")
    assert (answer["entry"]["code"], answer["reversal"]["code"]) == ("JE-2026-000001", "JE-2026-000002")


def test_an_entry_is_posted_once_for_a_day(books: Books) -> None:
    template(books)
    first = run(books, date="2026-11-20")
    before = books.api.counts()
    again = run(books, date="2026-11-20")
    assert (first["status"], again["status"]) == ("posted", "ran_before")
    assert again["entry"] == first["entry"]
    assert {**books.api.counts(), "kernel.idempotency": 0} == {**before, "kernel.idempotency": 0}
    run(books, date="2026-11-21")
    assert books.balances() == {"1020": "-2400.00", "6120": "2400.00"}
    entry = books.get(first["entry"])
    assert (entry["kind"], entry["reference"], entry["text"]) == ("recurring", "RENT", "Rent")
    sound(books.api)


def test_an_accrual_is_taken_back_on_the_first_of_the_next_month(books: Books) -> None:
    template(books, reverse="next_month")
    answer = run(books, date="2026-10-31")
    assert books.balances(as_of="2026-10-31") == {"1020": "-1200.00", "6120": "1200.00"}
    assert books.balances(as_of="2026-11-01") == {}
    entry, reversal = books.get(answer["entry"]), books.get(answer["reversal"])
    assert (entry["status"], entry["reversed_on"], entry["reversed_by"]["code"]) == (
        "reversed", "2026-11-01", reversal["number"],
    )  # fmt: skip
    assert (reversal["kind"], reversal["date"], reversal["reversal_of"]["code"]) == (
        "reversal", "2026-11-01", entry["number"],
    )  # fmt: skip
    sound(books.api)


def test_percentages_of_an_amount_lose_no_cent(books: Books) -> None:
    """100.00 in three parts, of which the first two get the cent less that is left."""
    lines = [
        {"account": "6100", "debit_percent": "33.33"},
        {"account": "6110", "debit_percent": "33.33"},
        {"account": "6120", "debit_percent": "33.34"},
        {"account": "1020", "credit_percent": "100"},
    ]
    template(books, "SHARED", lines)
    run(books, "SHARED", date="2026-11-20", amount="0.05")
    assert books.balances() == {"1020": "-0.05", "6100": "0.02", "6110": "0.01", "6120": "0.02"}
    refused = run(books, "SHARED", 422, date="2026-11-21")
    assert refused["errors"][0]["pointer"] == "/amount"


def test_a_recurring_template_runs_for_its_due_dates_only(books: Books) -> None:
    template(books, recurrence={"every": "month", "starts_on": "2026-01-31"})
    refused = run(books, status=422, date="2026-10-30")
    assert (refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == ("/date", "not_due")
    assert run(books, date="2026-09-30")["status"] == "posted"


def test_a_dry_run_leaves_nothing(books: Books) -> None:
    template(books, reverse="next_day")
    before = books.api.counts()
    answer = books.api.call(
        "run_journal_template", {"date": "2026-10-31"}, path={"id": "RENT"}, query={"dry_run": "true"},
        headers=books.key(),
    ).expect(200)  # fmt: skip
    assert answer["entry"]["code"] == "JE-2026-000001"
    assert [event["type"] for event in answer["dry_run"]["events"]] == [
        "journal_entry.created", "journal_entry.posted", "journal_entry.created", "journal_entry.posted",
        "journal_entry.reversed",
    ]  # fmt: skip
    assert books.api.counts() == before


def test_a_closed_period_is_refused_or_passed_over_as_the_template_says(books: Books) -> None:
    """An accrual whose reversal cannot be posted is not posted either."""
    template(books)
    template(books, "LATE", on_closed_period="next_open")
    template(books, "ACCRUAL", reverse="next_month")
    books.period("close_period", 10)
    before = books.api.counts()
    assert run(books, status=422, date="2026-10-31")["code"] == "period_closed"
    assert run(books, "ACCRUAL", 422, date="2026-09-30")["code"] == "period_closed"
    assert books.api.counts() == before
    late = run(books, "LATE", date="2026-10-31")
    assert (late["due_date"], late["date"]) == ("2026-10-31", "2026-11-01")
    assert books.get(late["entry"])["requested_date"] == "2026-10-31"


def test_there_is_no_such_template(books: Books) -> None:
    template(books)
    books.api.call("archive_record", path={"resource": "journal-templates", "id": "RENT"}).expect(200)
    assert run(books, status=404)["code"] == "not_found"
    assert run(books, "NONE", 404)["code"] == "not_found"


@pytest.mark.parametrize(
    ("lines", "pointer", "code"),
    [
        ([{"account": "6120", "debit": "1.00"}, {"account": "1020", "credit": "2.00"}], "", "unbalanced"),
        ([{"account": "6120", "debit_percent": "9"}, {"account": "1020", "credit_percent": "8"}], "", "unbalanced"),
        ([{"account": "6120", "debit": "1.00", "credit": "1.00"}, *RENT], "/lines/0", "one_amount"),
        ([{"account": "61", "debit": "1.00"}, {"account": "1020", "credit": "1.00"}], "/lines/0/account",
         "account_not_postable"),
        ([{"account": "6120", "debit": "0.001"}, {"account": "1020", "credit": "0.001"}], "/lines/0/debit",
         "too_precise"),
        ([{"account": "6120", "debit": "1.00", "dimensions": {"NONE": "X"}}, {"account": "1020", "credit": "1.00"}],
         "/lines/0/dimensions/NONE", "unknown_dimension_value"),
    ],
)  # fmt: skip
def test_a_template_that_does_not_fit_is_refused(books: Books, lines: Any, pointer: str, code: str) -> None:
    body = {"code": "BAD", "name": "Bad", "company": "MAIN", "lines": lines}
    refused = books.api.call("create_record", body, path={"resource": "journal-templates"}).expect(422)
    assert (refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == (pointer, code)


def test_statements_do_not_grow_with_the_lines(books: Books) -> None:
    many = [{"account": "6120", "debit": "1.00"} for _ in range(200)] + [{"account": "1020", "credit": "200.00"}]
    template(books)
    template(books, "MANY", many, reverse="next_month")
    run(books, date="2026-10-01")
    few, more = (len(counted(lambda c=c: run(books, c, date="2026-10-31"))[1]) for c in ("RENT", "MANY"))
    assert few == more
    assert more <= 5
