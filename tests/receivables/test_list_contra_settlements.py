"""Listing contra settlements."""

import pytest

from tests.receivables.owed import both_sides, owing, set_off
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    both_sides(shop)
    shop.invoice("CUST002")
    owing(shop, "500.00")
    set_off(shop, amount="100.00")
    made = set_off(shop, amount="200.00")
    answer = example(query={"customer": "CUST002", "limit": "1"})
    assert answer.status == 200
    assert [(one["id"], one["number"], one["amount"]) for one in answer["data"]] == [
        (made["id"], "CON-2026-000002", "200.00")
    ]
    assert "next_cursor" in answer.json
