"""Locking: final, after closing, in the order of time."""

from typing import Any

import pytest

from bigledger.kernel.problems import Problem
from tests.support.ledger import Books


@pytest.mark.example
def test_example(books: Books, example: Any) -> None:
    books.period("close_period", 1)
    answer = example(path={"id": "FY2026-1"}, body={"reason": "Audited"})
    assert (answer.status, answer["status"]) == (200, "locked")


def test_an_open_period_is_closed_first(books: Books) -> None:
    books.period("close_period", 1, areas=["sales"])
    before = books.api.counts()
    problem = books.period("lock_period", 1, status=409)
    assert (problem["code"], problem["open_areas"]) == ("period_not_closed", ["cash", "purchase", "stock", "tax", "gl"])
    assert books.api.counts() == before
    assert books.period("lock_period", 1, areas=["sales"])["areas"]["sales"] == "locked"


def test_earlier_periods_come_first(books: Books) -> None:
    books.period("close_period", 2)
    before = books.api.counts()
    assert books.period("lock_period", 2, status=422)["errors"][0]["code"] == "earlier_open"
    assert books.period("lock_period", 2, status=422, areas=["tax"])["errors"][0]["code"] == "earlier_open"
    assert books.api.counts() == before
    books.period("close_period", 1, areas=["tax"])
    books.period("lock_period", 2, areas=["tax"])


def test_sql_does_not_unlock_an_area(books: Books) -> None:
    """The database keeps what is locked, whoever writes."""
    books.period("close_period", 1, areas=["tax"])
    books.period("lock_period", 1, areas=["tax"])
    with pytest.raises(Exception, match="locked_period_stays") as refused:
        books.api.rows(
            "UPDATE kernel.document SET version = version + 1, data = jsonb_set(data, '{periods,0}',"
            " data->'periods'->0 || '{\"closed_areas\": [], \"locked_areas\": []}') WHERE type = 'fiscal_year'"
            " RETURNING 1"
        )
    assert not isinstance(refused.value, Problem)
    assert books.rent(date="2026-01-31")["status"] == "posted"
