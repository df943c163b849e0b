"""What a box of a tax return is made of."""

from typing import Any

import pytest

from tests.support.shop import Shop
from tests.tax.returns import prepare


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    invoice = shop.invoice(date="2026-10-10")
    answer = example(path={"id": prepare(shop)["id"], "box": "OUTPUT_TAX"}, query={"limit": "10"})
    assert [(one["document"]["code"], one["tax"], one["amount"]) for one in answer["data"]] == [
        (invoice["number"], "STATE", "72.00"),
        (invoice["number"], "CITY", "15.00"),
    ]


def test_a_cursor_of_another_list_is_refused(shop: Shop) -> None:
    path = {"id": prepare(shop)["id"], "box": "OUTPUT_TAX"}
    problem = shop.api.call("list_tax_return_lines", path=path, query={"cursor": "abc"}).expect(422)
    assert problem["errors"][0]["code"] == "invalid_cursor"
