"""Drafts are changed freely; nothing else is."""

from typing import Any

import pytest

from tests.support.ledger import Books, credit, debit


@pytest.mark.example
def test_example(books: Books, example: Any) -> None:
    draft = books.rent(post=False)
    answer = example(path={"id": draft["id"]}, body={"text": "Rent for November"}, headers={"If-Match": '"1"'})
    assert (answer.status, answer["version"], answer["text"]) == (200, 2, "Rent for November")


def change(books: Books, entry: Any, status: int = 200, version: int = 1, **body: Any) -> Any:
    headers = {"If-Match": f'"{version}"'}
    return books.api.call("update_journal_entry", body, path={"id": entry["id"]}, headers=headers).expect(status).json


def test_lines_and_date_are_replaced(books: Books) -> None:
    draft = books.rent(post=False, text="Rent", reference="R-1")
    changed = change(
        books, draft, date="2026-11-02", lines=[debit("6130", "80.00"), credit("1010", "80.00")], reference=None
    )
    assert (changed["date"], changed["total"], changed["text"]) == ("2026-11-02", "80.00", "Rent")
    assert "reference" not in changed
    assert [line["account"]["code"] for line in changed["lines"]] == ["6130", "1010"]
    assert changed["events"] == ["journal_entry.created", "journal_entry.updated"]
    assert books.get(draft) == changed


def test_a_looked_up_rate_follows_the_date_and_an_agreed_one_stays(books: Books) -> None:
    rates = [{"currency": "EUR", "base_currency": "USD", "date": day, "rate": rate}
             for day, rate in (("2026-11-01", "1.10"), ("2026-11-10", "1.20"))]  # fmt: skip
    books.api.call("set_exchange_rates", {"rates": rates}).expect(201)
    looked_up = books.enter(debit("1030", "10.00", currency="EUR"), credit("1020", "10.00", currency="EUR"),
                            post=False, date="2026-11-05")  # fmt: skip
    assert (looked_up["lines"][0]["rate"], looked_up["total"]) == ("1.1", "11.00")
    assert change(books, looked_up, date="2026-11-11")["total"] == "12.00"
    for agreed in ({"rate": "1.5"}, {"base_amount": "15.00"}):
        draft = books.enter(debit("1030", "10.00", currency="EUR", **agreed), credit("1020", "15.00"),
                            post=False, date="2026-11-05")  # fmt: skip
        assert change(books, draft, date="2026-11-11")["lines"] == draft["lines"]


def test_a_change_that_does_not_balance_is_refused(books: Books) -> None:
    draft = books.rent(post=False)
    before = books.api.counts()
    problem = change(books, draft, 422, lines=[debit("6120", "1.00"), credit("1020", "2.00")])
    assert (problem["code"], problem["difference"]) == ("entry_unbalanced", "-1.00")
    assert change(books, draft, 422, lines=None)["errors"][0]["code"] == "required"
    assert change(books, draft, 422, date=None)["errors"][0]["code"] == "required"
    assert books.api.counts() == before
    assert books.get(draft) == draft


def test_an_old_version_is_refused(books: Books) -> None:
    draft = books.rent(post=False)
    change(books, draft, text="first")
    before = books.api.counts()
    assert change(books, draft, 412, text="second")["version"] == 2
    books.api.call("update_journal_entry", {"text": "x"}, path={"id": draft["id"]}).expect(428)
    assert books.api.counts() == before


def test_a_posted_entry_is_not_changed(books: Books) -> None:
    """Not by the API, and not by SQL either."""
    entry = books.rent()
    before = books.api.counts()
    assert change(books, entry, 409, text="x")["document_status"] == "posted"
    assert books.api.counts() == before
    assert books.get(entry) == entry
