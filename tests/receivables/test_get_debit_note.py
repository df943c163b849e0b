"""Reading a debit note."""

import pytest

from tests.receivables.notes import debit_note
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    made = debit_note(shop, shop.invoice())
    answer = example(path={"id": made["number"]})
    assert answer.status == 200
    assert answer.json == made


def test_one_statement_and_no_other(shop: Shop) -> None:
    made = debit_note(shop)
    shop.api.call("get_debit_note", path={"id": made["id"]}).expect(200)
    _, sent = counted(lambda: shop.api.call("get_debit_note", path={"id": made["id"]}).expect(200))
    assert len(sent) == 2  # open, read


def test_what_is_not_there(shop: Shop) -> None:
    shop.api.call("get_debit_note", path={"id": "DN-2026-000009"}).expect(404)
