"""Exceptions to closed periods: one named user, some areas, for a while."""

from datetime import timedelta
from typing import Any

import pytest

from bigledger.kernel import runtime
from tests.support.integrity import sound
from tests.support.ledger import Books

EXCEPTION = {
    "period": "FY2026-10",
    "areas": ["gl"],
    "user": "auditor",
    "reason": "Audit adjustments",
    "expires_at": "2026-11-24T09:00:00Z",
}


@pytest.mark.example
def test_example(books: Books, example: Any) -> None:
    books.period("close_period", 10)
    answer = example(body=EXCEPTION)
    assert (answer.status, answer["status"], answer["user"]) == (201, "active", "auditor")


def grant(books: Books, status: int = 201, **fields: Any) -> Any:
    return books.api.call("grant_period_exception", EXCEPTION | fields).expect(status).json


def test_the_named_user_posts_and_nobody_else(books: Books) -> None:
    """Held by the operation and by the database."""
    books.period("close_period", 10)
    grant(books)
    auditor, clerk = (Books(books.api.as_(name, "*")) for name in ("auditor", "clerk"))
    before = books.api.counts()
    assert clerk.rent(date="2026-10-31", status=422)["code"] == "period_closed"
    assert auditor.rent(date="2026-09-30")["status"] == "posted"  # September is open
    assert books.api.counts()["ledger.journal_line"] == before["ledger.journal_line"] + 2
    assert auditor.rent(date="2026-10-31")["date"] == "2026-10-31"
    sound(books.api)


def test_only_the_named_areas(books: Books) -> None:
    books.period("close_period", 10)
    grant(books, areas=["sales"])
    auditor = Books(books.api.as_("auditor", "*"))
    assert auditor.rent(date="2026-10-31", status=422)["code"] == "period_closed"


def test_it_expires(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    books.period("close_period", 10)
    grant(books)
    auditor = Books(books.api.as_("auditor", "*"))
    auditor.rent(date="2026-10-31")
    now = runtime.clock.now
    monkeypatch.setattr(runtime.clock, "now", lambda: now() + timedelta(days=1))
    before = books.api.counts()
    assert auditor.rent(date="2026-10-31", status=422)["code"] == "period_closed"
    assert books.api.counts() == before


def test_what_is_locked_or_past_has_no_exceptions(books: Books) -> None:
    books.period("close_period", 1)
    books.period("lock_period", 1, areas=["tax"])
    before = books.api.counts()
    assert grant(books, 409, period="FY2026-1", areas=["gl", "tax"])["code"] == "period_locked"
    assert grant(books, 422, expires_at="2026-11-23T08:00:00Z")["errors"][0]["pointer"] == "/expires_at"
    assert grant(books, 422, period="FY2026-13")["errors"][0]["pointer"] == "/period"
    assert books.api.counts() == before
    grant(books, period="FY2026-1")
    for number in range(1, 2):
        books.period("lock_period", number)
    assert Books(books.api.as_("auditor", "*")).rent(date="2026-01-31", status=422)["code"] == "period_closed"


def test_a_closed_year_has_none(books: Books) -> None:
    books.year(2025)
    books.period("close_period", 12, year="FY2025")
    grant(books, period="FY2025-12")
    books.act("close_fiscal_year", {"id": "FY2025"})
    before = books.api.counts()
    assert grant(books, 409, period="FY2025-12")["code"] == "year_closed"
    assert Books(books.api.as_("auditor", "*")).rent(date="2025-12-31", status=422)["code"] == "period_closed"
    assert books.api.counts() == before
