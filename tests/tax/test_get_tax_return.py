"""Reading tax returns, one, all, and what a box is made of."""

from typing import Any

import pytest

from tests.support.shop import Shop
from tests.tax.returns import prepare


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    shop.invoice(date="2026-10-10")
    answer = example(path={"id": prepare(shop)["id"]})
    assert (answer.status, answer["payable"]) == (200, "87.00")


def test_an_unknown_one_is_not_found(shop: Shop) -> None:
    shop.api.call("get_tax_return", path={"id": "TAX-2026-000007"}).expect(404)
