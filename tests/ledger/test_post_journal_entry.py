"""Posting a draft: numbered then, as it was drafted, once."""

from typing import Any

import pytest

from tests.support.integrity import sound
from tests.support.ledger import Books, credit, debit
from tests.support.statements import counted


@pytest.mark.example
def test_example(books: Books, example: Any) -> None:
    draft = books.rent(post=False, date="2026-11-20")
    answer = example(path={"id": draft["id"]}, body={}, headers=books.key())
    assert (answer.status, answer["number"], answer["status"]) == (200, "JE-2026-000001", "posted")


def test_drafts_take_no_numbers(books: Books) -> None:
    """Numbers are given in the order of posting, so a draft that is never posted leaves no gap."""
    first, second = (books.rent(post=False) for _ in range(2))
    assert books.act("post_journal_entry", second)["number"] == "JE-2026-000001"
    books.act("void_journal_entry", first, reason="Not due")
    assert books.rent()["number"] == "JE-2026-000002"
    sound(books.api)


def test_a_draft_is_posted_as_it_was_drafted(books: Books) -> None:
    """A rate that changes meanwhile changes nothing."""
    rates = [{"currency": "EUR", "base_currency": "USD", "date": "2026-11-01", "rate": "1.10"}]
    books.api.call("set_exchange_rates", {"rates": rates}).expect(201)
    draft = books.enter(debit("1030", "100.00", currency="EUR"), credit("1020", "110.00"), post=False)
    rates = [{"currency": "EUR", "base_currency": "USD", "date": "2026-11-22", "rate": "1.30"}]
    books.api.call("set_exchange_rates", {"rates": rates}).expect(201)
    posted = books.act("post_journal_entry", draft)
    assert posted["lines"] == draft["lines"]
    assert posted["events"] == ["journal_entry.created", "journal_entry.posted"]
    assert books.get(posted) == posted
    assert books.balances() == {"1020": "-110.00", "1030": "110.00"}


def test_what_is_posted_or_void_is_not_posted_again(books: Books) -> None:
    posted, void = books.rent(), books.rent(post=False)
    books.act("void_journal_entry", void, reason="Not due")
    before = books.api.counts()
    assert books.act("post_journal_entry", posted, 409)["document_status"] == "posted"
    assert books.act("post_journal_entry", void, 409)["document_status"] == "void"
    books.act("post_journal_entry", {"id": "JE-2026-999999"}, 404)
    assert books.api.counts() == before


def test_a_draft_of_a_day_without_a_period_waits_or_moves_when_asked_to(books: Books) -> None:
    draft = books.rent(post=False, date="2025-12-31")
    before = books.api.counts()
    problem = books.act("post_journal_entry", draft, 422)
    assert (problem["code"], problem["suggested_date"]) == ("period_closed", "2026-01-01")
    assert books.api.counts() == before
    posted = books.act("post_journal_entry", draft, on_closed_period="next_open")
    assert (posted["date"], posted["requested_date"]) == ("2026-01-01", "2025-12-31")


def test_posting_takes_as_many_statements_for_many_lines(books: Books) -> None:
    lines = [part for _ in range(200) for part in (debit("6120", "1.00"), credit("1020", "1.00"))]
    draft = books.enter(*lines, post=False)
    answer, sent = counted(lambda: books.act("post_journal_entry", draft))
    assert len(answer["lines"]) == 400
    assert len(sent) <= 5
