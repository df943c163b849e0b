"""Voiding a debit note: contrary rows, unless something was paid on it."""

from typing import Any

import pytest

from tests.receivables.notes import debit_note, posted
from tests.support.integrity import sound
from tests.support.shop import Shop


def void(shop: Shop, note: Any, status: int = 200, **fields: Any) -> Any:
    body = {"reason": "A mistake"} | fields
    return shop.api.call("void_debit_note", body, path={"id": note["id"]}).expect(status).json


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    note = debit_note(shop, shop.invoice())
    answer = example(path={"id": note["number"]}, body={"reason": "The price was right"})
    assert answer.status == 200
    assert (answer["status"], answer["voided_on"], answer["amount_due"]) == ("void", "2026-11-23", "0.00")


def test_its_entry_is_reversed_and_nothing_is_due(shop: Shop) -> None:
    lines = posted(void(shop, debit_note(shop)))
    half = len(lines) // 2
    assert lines[half:] == [(code, -amount) for code, amount in lines[:half]]
    assert shop.trial_balance().get("1200", "0.00") == "0.00"
    sound(shop.api)


def test_a_draft_is_void_without_an_entry(shop: Shop) -> None:
    assert void(shop, debit_note(shop, draft=True))["posting"] == {"lines": []}


def test_a_paid_one_is_kept(shop: Shop) -> None:
    note = debit_note(shop)
    shop.pay("10.00", "CUST002")
    before = shop.api.counts()
    problem = void(shop, note, 409)
    assert (problem["code"], problem["settled"]) == ("invoice_settled", "10.00")
    assert shop.api.counts() == before


@pytest.mark.parametrize(("date", "code"), [("2026-11-19", "dated_too_early"), ("2026-11-24", "in_the_future")])
def test_its_day_is_between_the_note_and_today(shop: Shop, date: str, code: str) -> None:
    note = debit_note(shop, date="2026-11-20")
    before = shop.api.counts()
    problem = void(shop, note, 422, date=date)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [("/date", code)]
    assert shop.api.counts() == before


def test_it_is_void_once(shop: Shop) -> None:
    note = debit_note(shop)
    void(shop, note)
    assert void(shop, note, 409)["code"] == "conflict"
