"""Reversing: a mirrored entry on its own day; what was posted stays where it is."""

from typing import Any

import pytest

from tests.support.integrity import sound
from tests.support.ledger import Books, credit, debit


@pytest.mark.example
def test_example(books: Books, example: Any) -> None:
    accrual = books.enter(debit("6170", "400.00"), credit("2110", "400.00"), date="2026-10-31", text="Audit fee")
    answer = example(
        path={"id": accrual["id"]},
        body={"reason": "The bill has come", "date": "2026-11-01"},
        headers=books.key(),
    )
    assert (answer.status, answer["kind"], answer["reversal_of"]["code"]) == (200, "reversal", "JE-2026-000001")


def test_the_mirror_stands_on_its_own_day_and_the_entry_on_its(books: Books) -> None:
    """A closed month does not change: the reversal is dated when it happens."""
    entry = books.rent(date="2026-10-31")
    october = books.balances(as_of="2026-10-31")
    reversal = books.act("reverse_journal_entry", entry, reason="Paid twice", date="2026-11-15")
    assert (reversal["number"], reversal["date"], reversal["status"]) == ("JE-2026-000002", "2026-11-15", "posted")
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in reversal["lines"]] == [
        ("6120", "0.00", "1200.00"),
        ("1020", "1200.00", "0.00"),
    ]
    assert books.balances(as_of="2026-10-31") == october == {"1020": "-1200.00", "6120": "1200.00"}
    assert books.balances(as_of="2026-11-15") == {}
    reversed_entry = books.get(entry)
    assert (reversed_entry["status"], reversed_entry["reversed_on"]) == ("reversed", "2026-11-15")
    assert reversed_entry["reversed_by"] == {"id": reversal["id"], "code": "JE-2026-000002"}
    assert reversed_entry["posting"] == entry["posting"]
    assert reversed_entry["events"][-1] == "journal_entry.reversed"
    assert books.get(reversal) == reversal
    sound(books.api)


def test_foreign_lines_are_taken_back_at_their_own_rate(books: Books) -> None:
    entry = books.enter(debit("1030", "10.00", currency="EUR", rate="1.234"), credit("1020", "12.34"))
    reversal = books.act("reverse_journal_entry", entry, reason="Wrong account")
    assert [(line["currency"], line["base_debit"], line["base_credit"]) for line in reversal["lines"]] == [
        ("EUR", "0.00", "12.34"),
        ("USD", "12.34", "0.00"),
    ]
    assert books.balances() == {}


def test_what_it_opened_is_closed_and_the_credit_given_back(books: Books) -> None:
    books.api.record("customers", code="C1", name="Harbour Hotel", jurisdiction="US-CA")
    entry = books.enter(debit("1200", "300.00", customer="C1"), credit("4200", "300.00"))
    used = "SELECT amount::text AS amount FROM receivables.exposure"
    assert [row.amount for row in books.api.rows(used)] == ["300.00"]
    books.act("reverse_journal_entry", entry, reason="Waived")
    assert [row.amount for row in books.api.rows(used)] == ["0.00"]
    assert [row.open for row in books.api.rows("SELECT open FROM ledger.open_item_balance")] == [False]
    sound(books.api)


def test_an_entry_is_taken_back_once(books: Books) -> None:
    entry = books.rent()
    reversal = books.act("reverse_journal_entry", entry, reason="Paid twice")
    before = books.api.counts()
    assert books.act("reverse_journal_entry", entry, 409, reason="x")["document_status"] == "reversed"
    assert books.act("void_journal_entry", entry, 409, reason="x")["document_status"] == "reversed"
    assert books.act("reverse_journal_entry", reversal, 409, reason="x")["code"] == "entry_bound"
    assert books.act("void_journal_entry", reversal, 409, reason="x")["code"] == "entry_bound"
    draft = books.rent(post=False)
    assert books.act("reverse_journal_entry", draft, 409, reason="x")["document_status"] == "draft"
    books.act("void_journal_entry", draft, reason="x")
    assert books.balances() == {}
    assert books.api.counts()["ledger.journal_line"] == before["ledger.journal_line"] == 4


def test_no_reversal_before_the_entry_or_on_a_closed_day(books: Books) -> None:
    entry = books.rent(date="2026-11-20")
    before = books.api.counts()
    early = books.act("reverse_journal_entry", entry, 422, reason="x", date="2026-11-19")
    assert (early["code"], early["errors"][0]["pointer"]) == ("dated_too_early", "/date")
    assert books.act("reverse_journal_entry", entry, 422, reason="x", date="2030-01-01")["code"] == "period_closed"
    assert books.api.counts() == before
    assert books.get(entry) == entry


def test_a_settled_item_holds_the_entry(books: Books) -> None:
    books.api.record("customers", code="C1", name="Harbour Hotel", jurisdiction="US-CA")
    entry = books.enter(debit("1200", "300.00", customer="C1"), credit("4200", "300.00"))
    item, document = books.api.rows("SELECT open_item_id, document_id FROM ledger.open_item_balance")[0]
    books.api.rows(
        "INSERT INTO ledger.settlement (id, open_item_id, document_id, effective_date, amount, base_amount)"
        " VALUES (gen_random_uuid(), cast(:item AS uuid), cast(:document AS uuid), '2026-11-23', 100, 100) RETURNING 1",
        item=str(item),
        document=str(document),
    )
    before = books.api.counts()
    for operation in ("reverse_journal_entry", "void_journal_entry"):
        assert books.act(operation, entry, 409, reason="x")["code"] == "entry_bound"
    assert books.api.counts() == before
