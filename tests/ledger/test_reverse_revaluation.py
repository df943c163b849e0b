"""Reversing a revaluation: what still stands of it is taken back on a day."""

from typing import Any

import pytest

from tests.ledger.test_create_revaluation import revalue
from tests.support.integrity import sound
from tests.support.ledger import Books, credit, debit


@pytest.fixture
def money(books: Books) -> Any:
    """A revaluation of 100.00 EUR in the bank that gained 10.00."""
    books.enter(debit("1030", "100.00", currency="EUR", rate="1.2"), credit("1020", "120.00"), date="2026-10-05")
    return revalue(books, rates=[{"currency": "EUR", "rate": "1.3"}])


@pytest.mark.example
def test_example(books: Books, money: Any, example: Any) -> None:
    body = {"reason": "The rate was that of another day", "date": "2026-10-31"}
    answer = example(path={"id": money["id"]}, body=body, headers=books.key() | {"If-Match": '"1"'})
    assert (answer.status, answer["status"], answer["reversed_on"]) == (200, "reversed", "2026-10-31")


def test_what_stands_is_taken_back_and_can_be_revalued_anew(books: Books, money: Any) -> None:
    answer = books.act("reverse_revaluation", money, reason="Wrong rate", date="2026-10-31")
    assert answer["events"] == ["fx.revalued", "fx.revaluation_reversed"]
    assert books.balances(as_of="2026-10-31") == {"1020": "-120.00", "1030": "120.00"}
    again = revalue(books, rates=[{"currency": "EUR", "rate": "1.25"}])
    assert (again["number"], again["total"]) == ("REV-2026-000002", "5.00")
    sound(books.api)


def test_it_is_reversed_once_on_a_day_that_is_not_before_it(books: Books, money: Any) -> None:
    early = books.act("reverse_revaluation", money, 422, reason="x", date="2026-10-30")
    assert early["code"] == "dated_too_early"
    books.act("reverse_revaluation", money, reason="x")
    before = books.api.counts()
    assert books.act("reverse_revaluation", money, 409, reason="x")["code"] == "conflict"
    assert books.api.counts() == before


def test_one_that_was_taken_back_with_itself_has_nothing_left(books: Books) -> None:
    books.api.record("suppliers", code="S1", name="Northern Paper", jurisdiction="US-CA")
    books.enter(debit("6300", "108.00"), credit("2100", "90.00", currency="EUR", rate="1.2", supplier="S1"),
                date="2026-10-03")  # fmt: skip
    taken = revalue(books, rates=[{"currency": "EUR", "rate": "1.3"}])
    problem = books.act("reverse_revaluation", taken, 409, reason="x")
    assert "was taken back on 2026-11-01" in problem["detail"]


def test_a_later_one_goes_first(books: Books, money: Any) -> None:
    later = revalue(books, date="2026-11-30", rates=[{"currency": "EUR", "rate": "1.4"}])
    assert books.act("reverse_revaluation", money, 409, reason="x")["code"] == "later_revaluation"
    books.act("reverse_revaluation", later, reason="x", date="2026-11-30")
    books.act("reverse_revaluation", money, reason="x", date="2026-10-31")
    assert books.balances()["1030"] == "120.00"
