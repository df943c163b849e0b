"""Listing allocations."""

import pytest

from tests.receivables.test_create_allocation import allocate
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    made = allocate(shop, [shop.pay("50.00", allocations=[])], [shop.invoice()])
    answer = example(query={"date[gte]": "2026-11-01"})
    assert answer.status == 200
    assert [(one["id"], one["amount"]) for one in answer["data"]] == [(made["id"], "50.00")]


def test_what_is_of_another_day_is_left_out(shop: Shop) -> None:
    allocate(shop, [shop.pay("50.00", allocations=[])], [shop.invoice()])
    assert shop.api.call("list_allocations", query={"date[gt]": "2026-11-23"}).expect(200)["data"] == []
