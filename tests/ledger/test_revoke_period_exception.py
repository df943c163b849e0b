"""Revoking an exception: at once, and once."""

from typing import Any

import pytest

from tests.ledger.test_grant_period_exception import grant
from tests.support.ledger import Books


@pytest.mark.example
def test_example(books: Books, example: Any) -> None:
    books.period("close_period", 10)
    answer = example(path={"id": grant(books)["id"]})
    assert (answer.status, answer["status"]) == (200, "revoked")


def test_it_ends_at_once(books: Books) -> None:
    books.period("close_period", 10)
    granted = grant(books)
    auditor = Books(books.api.as_("auditor", "*"))
    auditor.rent(date="2026-10-31")
    revoked = books.api.call("revoke_period_exception", path={"id": granted["id"]}).expect(200)
    assert revoked["events"] == ["period_exception.revoked"]
    before = books.api.counts()
    assert auditor.rent(date="2026-10-31", status=422)["code"] == "period_closed"
    assert books.api.call("revoke_period_exception", path={"id": granted["id"]}).expect(200)["events"] == []
    books.api.call("revoke_period_exception", path={"id": "018f0000-0000-7000-8000-000000000001"}).expect(404)
    assert books.api.counts() == before
