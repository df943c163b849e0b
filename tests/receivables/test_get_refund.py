"""Reading a refund."""

import pytest

from tests.receivables.notes import credit_note
from tests.receivables.test_refund_credit_note import refund
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    note = credit_note(shop)
    made = refund(shop, note, amount="10.00")
    answer = example(path={"id": made["number"]})
    assert answer.status == 200
    assert answer.json == made


def test_one_statement_reads_it(shop: Shop) -> None:
    note = credit_note(shop)
    made = refund(shop, note, amount="10.00")
    shop.api.call("get_refund", path={"id": made["id"]}).expect(200)
    _, sent = counted(lambda: shop.api.call("get_refund", path={"id": made["id"]}).expect(200))
    assert len(sent) == 2  # open, read


def test_what_is_not_there(shop: Shop) -> None:
    shop.api.call("get_refund", path={"id": "NONE"}).expect(404)
