"""Listing write-offs."""

import pytest

from tests.receivables.test_create_write_off import write_off
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    made = write_off(shop, [{"invoice": shop.invoice()["number"], "amount": "7.00"}])
    answer = example(query={"date[gte]": "2026-11-01"})
    assert answer.status == 200
    assert [(one["id"], one["amount"]) for one in answer["data"]] == [(made["id"], "7.00")]


def test_what_is_of_another_day_is_left_out(shop: Shop) -> None:
    write_off(shop, [{"invoice": shop.invoice()["number"], "amount": "7.00"}])
    assert shop.api.call("list_write_offs", query={"date[gt]": "2026-11-23"}).expect(200)["data"] == []
