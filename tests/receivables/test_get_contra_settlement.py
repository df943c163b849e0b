"""Reading a contra settlement."""

import pytest

from tests.receivables.owed import both_sides, owing, set_off
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    both_sides(shop)
    shop.invoice("CUST002")
    owing(shop, "500.00")
    made = set_off(shop)
    answer = example(path={"id": made["number"]})
    assert answer.status == 200
    assert answer.json == made


def test_what_is_not_there(shop: Shop) -> None:
    shop.api.call("get_contra_settlement", path={"id": "CON-2026-000009"}).expect(404)
