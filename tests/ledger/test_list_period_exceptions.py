"""Who was allowed to post to closed periods."""

from typing import Any

import pytest

from tests.ledger.test_grant_period_exception import grant
from tests.support.ledger import Books


@pytest.mark.example
def test_example(books: Books, example: Any) -> None:
    grant(books)
    answer = example(query={"status": "active"})
    assert [one["period"] for one in answer["data"]] == ["FY2026-10"]


def test_revoked_ones_stay_in_the_list(books: Books) -> None:
    first, second = grant(books), grant(books, user="controller")
    books.api.call("revoke_period_exception", path={"id": first["id"]}).expect(200)
    listed = books.api.call("list_period_exceptions").expect(200)["data"]
    assert [(one["id"], one["status"]) for one in listed] == [(second["id"], "active"), (first["id"], "revoked")]
    active = books.api.call("list_period_exceptions", query={"status": "active", "company": "MAIN"}).expect(200)
    assert [one["user"] for one in active["data"]] == ["controller"]
