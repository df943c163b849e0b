"""The periods in the order of time, and how each area of them stands."""

from typing import Any

import pytest

from tests.support.ledger import Books
from tests.support.statements import counted


@pytest.mark.example
def test_example(books: Books, example: Any) -> None:
    books.period("close_period", 1)
    books.period("close_period", 2, areas=["sales"])
    answer = example(query={"fiscal_year": "FY2026", "status": "closed", "area": "sales"})
    assert [period["id"] for period in answer["data"]] == ["FY2026-1", "FY2026-2"]


def ids(books: Books, **query: str) -> list[str]:
    return [period["id"] for period in books.api.call("list_periods", query=query).expect(200)["data"]]


def test_all_years_and_one(books: Books) -> None:
    books.year(2025)
    assert ids(books, fiscal_year="FY2025") == [f"FY2025-{number}" for number in range(1, 13)]
    assert ids(books)[:13] == [*(f"FY2025-{number}" for number in range(1, 13)), "FY2026-1"]
    books.period("close_period", 1)
    assert ids(books, status="closed") == ["FY2026-1"]
    assert len(counted(lambda: ids(books))[1]) <= 2
    books.api.call("list_periods", query={"fiscal_year": "FY1999"}).expect(422)
