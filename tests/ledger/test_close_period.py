"""Closing periods: for everything or area by area, once, and told."""

from typing import Any

import pytest

from tests.support.integrity import sound
from tests.support.ledger import Books
from tests.support.statements import counted


@pytest.mark.example
def test_example(books: Books, example: Any) -> None:
    answer = example(path={"id": "FY2026-10"}, body={"areas": ["sales", "purchase"], "reason": "October is filed"})
    assert (answer.status, answer["areas"]["sales"], answer["areas"]["gl"]) == (200, "closed", "open")


def test_a_closed_period_takes_nothing(books: Books) -> None:
    period = books.period("close_period", 10)
    assert (period["status"], set(period["areas"].values())) == ("closed", {"closed"})
    before = books.api.counts()
    refused = books.rent(date="2026-10-31", status=422)
    assert refused["suggested_date"] == "2026-11-01"
    words = "MAIN takes no general ledger postings on 2026-10-31. The next open day is 2026-11-01."
    assert refused["detail"] == words
    assert books.api.counts() == before
    books.rent(date="2026-11-01")
    sound(books.api)


def test_an_area_closes_by_itself(books: Books) -> None:
    """The accountant closes sales first, and the ledger last."""
    assert books.period("close_period", 10, areas=["sales"])["areas"] == {
        "sales": "closed", "cash": "open", "purchase": "open", "stock": "open", "tax": "open", "gl": "open"
    }  # fmt: skip
    books.rent(date="2026-10-31")
    books.period("close_period", 10, areas=["gl"])
    assert books.rent(date="2026-10-31", status=422)["code"] == "period_closed"


def test_closing_twice_changes_nothing(books: Books) -> None:
    books.period("close_period", 10, areas=["gl", "sales"])
    before = books.api.counts()
    books.period("close_period", 10, areas=["sales"])
    assert books.api.counts() == before
    assert [event["type"] for event in books.api.events() if event["type"].startswith("period.")] == ["period.closed"]


def test_it_is_the_record_of_the_year_that_changes(books: Books) -> None:
    """There is one truth: what the operation closes is closed in the fiscal year, whose event tells the change."""
    books.period("close_period", 10, reason="Filed")
    year = books.api.call("get_record", path={"resource": "fiscal-years", "id": "FY2026"}).expect(200)
    assert (year["version"], year["periods"][9]["status"]) == (2, "closed")
    (told,) = books.api.events("fiscal_year.updated")
    assert told["data"]["change_reason"] == "Filed"
    (closed,) = books.api.events("period.closed")
    assert (closed["data"]["number"], closed["data"]["starts_on"]) == (10, "2026-10-01")


def test_an_old_version_or_an_unknown_period_is_refused(books: Books) -> None:
    before = books.api.counts()
    for reference in ("FY2026-13", "FY2030-1", "FY2026", "FY2026-x", "7"):
        books.api.call("close_period", {}, path={"id": reference}).expect(404)
    books.api.call("close_period", {}, path={"id": "FY2026-1"}, headers={"If-Match": '"9"'}).expect(412)
    assert books.api.counts() == before


def test_statements(books: Books) -> None:
    books.period("close_period", 1)
    books.period("close_period", 2)
    assert len(counted(lambda: books.period("close_period", 3))[1]) <= 5
