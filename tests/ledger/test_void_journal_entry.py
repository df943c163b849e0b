"""Voiding: a contra entry on the entry's own date, so only while that takes postings."""

from typing import Any

import pytest

from tests.support.integrity import sound
from tests.support.ledger import Books, credit, debit


@pytest.mark.example
def test_example(books: Books, example: Any) -> None:
    entry = books.rent(date="2026-11-20")
    answer = example(path={"id": entry["id"]}, body={"reason": "Entered twice"}, headers=books.key())
    assert (answer.status, answer["status"], answer["number"]) == (200, "void", "JE-2026-000001")


def test_the_number_stays_and_the_figures_go(books: Books) -> None:
    entry = books.rent(date="2026-11-20")
    void = books.act("void_journal_entry", entry, reason="Entered twice")
    assert (void["number"], void["reason"], void["date"]) == (entry["number"], "Entered twice", "2026-11-20")
    assert [(line["kind"], line["date"], line["debit"], line["credit"]) for line in void["posting"]["lines"]] == [
        ("original", "2026-11-20", "1200.00", "0.00"),
        ("original", "2026-11-20", "0.00", "1200.00"),
        ("reversal", "2026-11-20", "0.00", "1200.00"),
        ("reversal", "2026-11-20", "1200.00", "0.00"),
    ]
    assert books.balances() == {}
    assert books.get(entry) == void
    assert books.rent()["number"] == "JE-2026-000002"
    sound(books.api)


def test_a_closed_month_does_not_change(books: Books) -> None:
    """An entry of a closed period is not void any more; it is reversed on an open day."""
    entry = books.rent(date="2026-10-15")
    books.api.call(
        "update_record",
        {"periods": [{"number": 10, "status": "closed"}]},
        path={"resource": "fiscal-years", "id": "FY2026"},
        headers={"If-Match": '"1"'},
    ).expect(200)
    before, october = books.api.counts(), books.balances(as_of="2026-10-31")
    problem = books.act("void_journal_entry", entry, 422, reason="x")
    assert (problem["code"], problem["suggested_date"]) == ("period_closed", "2026-11-01")
    assert books.api.counts() == before
    books.act("reverse_journal_entry", entry, reason="x", date="2026-11-01")
    assert books.balances(as_of="2026-10-31") == october
    assert books.balances() == {}


def test_what_it_opened_is_closed(books: Books) -> None:
    books.api.record("customers", code="C1", name="Harbour Hotel", jurisdiction="US-CA")
    entry = books.enter(debit("1200", "300.00", customer="C1"), credit("4200", "300.00"))
    books.act("void_journal_entry", entry, reason="Wrong customer")
    assert [row.open for row in books.api.rows("SELECT open FROM ledger.open_item_balance")] == [False]
    assert [row.amount for row in books.api.rows("SELECT amount::text FROM receivables.exposure")] == ["0.00"]
    sound(books.api)


def test_once_void_it_stays_void(books: Books) -> None:
    entry = books.rent()
    books.act("void_journal_entry", entry, reason="x")
    before = books.api.counts()
    assert books.act("void_journal_entry", entry, 409, reason="x")["document_status"] == "void"
    assert books.api.counts() == before
