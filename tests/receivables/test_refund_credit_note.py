"""Refunds of credit notes, also in parts."""

from decimal import Decimal
from typing import Any

import pytest

from tests.receivables.notes import credit_note, posted, void
from tests.support.shop import Shop


def refund(shop: Shop, note: Any, status: int = 201, **fields: Any) -> Any:
    key = {"Idempotency-Key": f"refund-{shop.api.requests}"}
    return shop.api.call("refund_credit_note", fields, path={"id": note["id"]}, headers=key).expect(status).json


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    note = credit_note(shop, "CUST001")
    answer = example(path={"id": note["number"]}, body={"amount": "50.00"}, headers={"Idempotency-Key": "refund-1"})
    assert answer.status == 201
    assert (answer["of"]["code"], answer["amount_left"]) == ("CN-2026-000001", "30.44")


def test_its_status_follows_what_is_left(shop: Shop) -> None:
    note = credit_note(shop)
    first = refund(shop, note, amount="50.00")
    assert first["events"] == ["payment.refunded", "credit_note.settled"]
    assert posted(first) == [("1020", Decimal("-50.00")), ("1200", Decimal("50.00"))]
    read = shop.api.call("get_credit_note", path={"id": note["id"]}).expect(200)
    assert (read["status"], read["amount_left"]) == ("partially_settled", "25.00")
    before = shop.api.counts()
    assert void(shop, note, 409)["code"] == "allocated"
    assert shop.api.counts() == before
    refund(shop, note)
    read = shop.api.call("get_credit_note", path={"id": note["id"]}).expect(200)
    assert (read["status"], read["amount_left"]) == ("settled", "0.00")


def test_a_draft_has_nothing_to_refund(shop: Shop) -> None:
    draft = credit_note(shop, draft=True)
    before = shop.api.counts()
    assert refund(shop, draft, 409)["code"] == "conflict"
    assert shop.api.counts() == before
