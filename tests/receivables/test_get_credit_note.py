"""Reading a credit note."""

import pytest

from tests.receivables.notes import credit
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    note = credit(shop, shop.invoice(), lines=[{"line": 1, "quantity": 2}])
    answer = example(path={"id": note["number"]})
    assert answer.status == 200
    assert answer.json == note


def test_none_is_not_found(shop: Shop) -> None:
    assert shop.api.call("get_credit_note", path={"id": "CN-2026-000009"}).expect(404)["code"] == "not_found"


def test_it_is_read_in_one_statement(shop: Shop) -> None:
    note = credit(shop, shop.invoice())
    _, sent = counted(lambda: shop.api.call("get_credit_note", path={"id": note["id"]}).expect(200))
    assert len(sent) == 2  # open, read
