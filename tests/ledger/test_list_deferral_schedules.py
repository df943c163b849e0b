"""The list of deferral schedules."""

from typing import Any

import pytest

from tests.ledger.deferring import recognise
from tests.ledger.test_run_deferrals import service
from tests.support.ledger import Books
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    books = Books(shop.api)
    service(books, months=1)
    service(books, "60.00", "2026-10-01")
    recognise(books, until="2026-10-31")
    answer = example(query={"sort": "date"})
    assert [(one["number"], one["status"], one["recognised"], one["remaining"]) for one in answer["data"]] == [
        ("DEF-2026-000001", "completed", "100.00", "0.00"),
        ("DEF-2026-000002", "active", "20.00", "40.00"),
    ]


def test_by_status(books: Books) -> None:
    service(books)
    for status, count in (("active", 1), ("completed", 0)):
        answer = books.api.call("list_deferral_schedules", query={"status": status}).expect(200)
        assert len(answer["data"]) == count
