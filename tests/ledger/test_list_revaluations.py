"""The list of revaluations, and one of them."""

from typing import Any

import pytest

from tests.ledger.test_create_revaluation import revalue
from tests.support.ledger import Books


@pytest.mark.example
def test_example(books: Books, example: Any) -> None:
    revalue(books)
    revalue(books, date="2026-11-15")
    answer = example(query={"sort": "date"})
    assert [(one["number"], one["date"], one["total"]) for one in answer["data"]] == [
        ("REV-2026-000001", "2026-10-31", "0.00"),
        ("REV-2026-000002", "2026-11-15", "0.00"),
    ]


def test_by_day(books: Books) -> None:
    revalue(books)
    found = books.api.call("list_revaluations", query={"date[gte]": "2026-11-01"}).expect(200).json
    assert found["data"] == []
