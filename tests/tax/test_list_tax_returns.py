"""The list of tax returns."""

from typing import Any

import pytest

from tests.support.shop import Shop
from tests.tax.returns import file, prepare


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    shop.invoice(date="2026-10-10")
    file(shop, prepare(shop))
    prepare(shop, starts_on="2026-11-01", ends_on="2026-11-30")
    answer = example(query={"sort": "date"})
    assert [(one["status"], one["ends_on"], one["payable"]) for one in answer["data"]] == [
        ("filed", "2026-10-31", "87.00"),
        ("prepared", "2026-11-30", "0.00"),
    ]


def test_by_status(shop: Shop) -> None:
    prepare(shop)
    assert shop.api.call("list_tax_returns", query={"status": "filed"}).expect(200)["data"] == []
