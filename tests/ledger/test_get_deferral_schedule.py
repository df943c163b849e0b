"""A deferral schedule as it stands: what was recognised, by which entries, and what is still deferred."""

from typing import Any

import pytest

from tests.ledger.deferring import recognise
from tests.ledger.test_run_deferrals import service
from tests.support.ledger import Books
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    books = Books(shop.api)
    schedule = service(books)
    recognise(books, until="2026-09-30")
    answer = example(path={"id": schedule["number"]})
    assert (answer["status"], answer["recognised"], answer["remaining"]) == ("active", "33.33", "66.67")
    assert [one.get("entry", {}).get("code") for one in answer["instalments"]] == ["JE-2026-000002", None, None]


def test_one_statement_by_id_or_number_and_nothing_of_others(books: Books) -> None:
    schedule = service(books)
    answer, sent = counted(lambda: books.api.call("get_deferral_schedule", path={"id": schedule["id"]}))
    assert answer.expect(200)["number"] == "DEF-2026-000001"
    assert len(sent) == 2
    assert books.api.call("get_deferral_schedule", path={"id": "NONE"}).expect(404)["code"] == "not_found"
