"""Voiding a credit note: contrary rows, on its day or a later one."""

import pytest

from tests.receivables.notes import credit, credit_note, posted, void
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    note = credit(shop, shop.invoice(), lines=[{"line": 1, "quantity": 1}])
    answer = example(path={"id": note["number"]}, body={"reason": "The lamp did not come back"})
    assert answer.status == 200
    assert (answer["status"], answer["voided_on"]) == ("void", "2026-11-23")


def test_its_entry_is_reversed_and_nothing_is_left(shop: Shop) -> None:
    note = credit_note(shop, "CUST001")
    voided = void(shop, note)
    lines = posted(voided)
    half = len(lines) // 2
    assert lines[half:] == [(code, -amount) for code, amount in lines[:half]]
    assert shop.trial_balance().get("1200", "0") == "0"
    (row,) = shop.api.rows("SELECT open FROM ledger.open_item_balance")
    assert row.open is False


def test_a_draft_is_void_without_an_entry(shop: Shop) -> None:
    voided = void(shop, credit_note(shop, draft=True))
    assert (voided["status"], voided["posting"]) == ("void", {"lines": []})


@pytest.mark.parametrize(("date", "code"), [("2026-11-19", "dated_too_early"), ("2026-11-24", "in_the_future")])
def test_its_day_is_between_the_note_and_today(shop: Shop, date: str, code: str) -> None:
    note = credit_note(shop, date="2026-11-20")
    before = shop.api.counts()
    problem = void(shop, note, 422, date=date)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [("/date", code)]
    assert shop.api.counts() == before


def test_it_is_void_once(shop: Shop) -> None:
    note = credit_note(shop)
    void(shop, note)
    before = shop.api.counts()
    assert void(shop, note, 409)["code"] == "conflict"
    assert shop.api.counts() == before
