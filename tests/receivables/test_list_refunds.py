"""Listing refunds."""

import pytest

from tests.receivables.notes import credit_note
from tests.receivables.test_refund_credit_note import refund
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    note = credit_note(shop)
    made = refund(shop, note, amount="10.00")
    answer = example(query={"date[gte]": "2026-11-01"})
    assert answer.status == 200
    assert [(one["id"], one["amount"]) for one in answer["data"]] == [(made["id"], "10.00")]


def test_what_is_of_another_day_is_left_out(shop: Shop) -> None:
    note = credit_note(shop)
    refund(shop, note, amount="10.00")
    assert shop.api.call("list_refunds", query={"date[gt]": "2026-11-23"}).expect(200)["data"] == []
