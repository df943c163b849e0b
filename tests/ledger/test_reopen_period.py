"""Reopening: with a permission of its own and a reason, and never what is locked."""

from typing import Any

import pytest

from tests.support.ledger import Books


@pytest.mark.example
def test_example(books: Books, example: Any) -> None:
    books.period("close_period", 10)
    answer = example(path={"id": "FY2026-10"}, body={"areas": ["gl"], "reason": "The audit fee is missing"})
    assert (answer.status, answer["areas"]["gl"], answer["areas"]["sales"]) == (200, "open", "closed")


def test_a_reopened_period_takes_postings_again(books: Books) -> None:
    books.period("close_period", 10)
    assert books.period("reopen_period", 10, reason="Late bill")["status"] == "open"
    books.rent(date="2026-10-31")


def test_only_the_named_areas_open(books: Books) -> None:
    books.period("close_period", 10)
    opened = books.period("reopen_period", 10, reason="Late bill", areas=["purchase"])
    assert [area for area, state in opened["areas"].items() if state == "open"] == ["purchase"]
    assert books.rent(date="2026-10-31", status=422)["code"] == "period_closed"


def test_a_reason_and_the_permission_are_needed(books: Books) -> None:
    books.period("close_period", 10)
    before = books.api.counts()
    assert books.period("reopen_period", 10, status=422)["errors"][0]["pointer"] == "/reason"
    clerk = Books(books.api.as_("clerk", "ledger.close_period"))
    assert clerk.period("reopen_period", 10, status=403, reason="x")["permission"] == "ledger.reopen_period"
    assert books.api.counts() == before


def test_what_is_locked_stays_closed(books: Books) -> None:
    for number in range(1, 11):
        books.period("close_period", number)
    for number in range(1, 10):
        books.period("lock_period", number)
    books.period("lock_period", 10, areas=["tax"])
    before = books.api.counts()
    assert books.period("reopen_period", 9, status=409, reason="x")["code"] == "record_in_use"
    assert books.period("reopen_period", 10, status=409, reason="x", areas=["tax"])["code"] == "record_in_use"
    assert books.api.counts() == before
    opened = books.period("reopen_period", 10, reason="Late bill")
    assert [area for area, state in opened["areas"].items() if state != "open"] == ["tax"]
