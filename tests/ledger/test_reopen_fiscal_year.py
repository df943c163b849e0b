"""Reopening a year: its closing entry is taken back, and it can be closed anew."""

from typing import Any

import pytest

from tests.support.integrity import sound
from tests.support.ledger import Books, credit, debit


@pytest.mark.example
def test_example(books: Books, example: Any) -> None:
    closed_year(books)
    answer = example(
        path={"id": "FY2025"}, body={"reason": "The audit found a bill"}, headers={"Idempotency-Key": "reopen-1"}
    )
    assert (answer.status, answer["status"]) == (200, "open")


def closed_year(books: Books) -> Any:
    books.year(2025)
    books.enter(debit("1020", "5000.00"), credit("4010", "5000.00"), date="2025-03-31")
    return books.act("close_fiscal_year", {"id": "FY2025"})


def reopen(books: Books, status: int = 200, year: str = "FY2025") -> Any:
    return books.act("reopen_fiscal_year", {"id": year}, status, reason="The audit found a bill")


def test_the_result_comes_back(books: Books) -> None:
    closed = closed_year(books)
    reopen(books)
    assert books.balances(as_of="2025-12-31") == {"1020": "5000.00", "4010": "-5000.00"}
    entry = books.get({"id": closed["entry"]["id"]})
    assert (entry["status"], entry["reason"]) == ("void", "The audit found a bill")
    sound(books.api)


def test_it_is_corrected_and_closed_anew(books: Books) -> None:
    closed_year(books)
    reopen(books)
    books.period("reopen_period", 12, year="FY2025", reason="The bill")
    books.rent(date="2025-12-31")
    assert books.act("close_fiscal_year", {"id": "FY2025"})["result"] == "3800.00"
    assert books.balances(as_of="2025-12-31") == {"1020": "3800.00", "3100": "-3800.00"}
    assert [row.action for row in books.api.rows("SELECT action FROM ledger.year_closing ORDER BY number")] == [
        "closed", "reopened", "closed"
    ]  # fmt: skip
    sound(books.api)


def test_the_closing_entry_is_not_taken_back_by_itself(books: Books) -> None:
    entry = closed_year(books)["entry"]
    before = books.api.counts()
    for operation in ("reverse_journal_entry", "void_journal_entry"):
        assert books.act(operation, entry, 409, reason="x")["code"] == "entry_bound"
    assert books.api.counts() == before


def test_an_open_year_and_one_before_a_closed_one_stay(books: Books) -> None:
    books.year(2024)
    books.act("close_fiscal_year", {"id": "FY2024"})
    closed_year(books)
    before = books.api.counts()
    assert "FY2025 after it is closed" in reopen(books, 409, "FY2024")["detail"]
    assert "not closed" in reopen(books, 409, "FY2026")["detail"]
    reopen(books, 404, "FY1999")
    assert books.api.counts() == before
