"""Reading a revaluation."""

from typing import Any

import pytest

from tests.ledger.test_create_revaluation import revalue
from tests.support.ledger import Books, credit, debit


@pytest.mark.example
def test_example(books: Books, example: Any) -> None:
    books.enter(debit("1030", "100.00", currency="EUR", rate="1.2"), credit("1020", "120.00"), date="2026-10-05")
    made = revalue(books, rates=[{"currency": "EUR", "rate": "1.3"}])
    answer = example(path={"id": made["id"]})
    assert (answer.status, answer["items"][0]["difference"]) == (200, "10.00")


def test_an_unknown_one_is_not_found(books: Books) -> None:
    books.api.call("get_revaluation", path={"id": "REV-2026-000009"}).expect(404)
