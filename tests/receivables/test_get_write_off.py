"""Reading a write-off."""

import pytest

from tests.receivables.test_create_write_off import write_off
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    made = write_off(shop, [{"invoice": shop.invoice()["number"], "amount": "7.00"}])
    answer = example(path={"id": made["number"]})
    assert answer.status == 200
    assert answer.json == made


def test_one_statement_reads_it(shop: Shop) -> None:
    made = write_off(shop, [{"invoice": shop.invoice()["number"], "amount": "7.00"}])
    shop.api.call("get_write_off", path={"id": made["id"]}).expect(200)
    _, sent = counted(lambda: shop.api.call("get_write_off", path={"id": made["id"]}).expect(200))
    assert len(sent) == 2  # open, read


def test_what_is_not_there(shop: Shop) -> None:
    shop.api.call("get_write_off", path={"id": "NONE"}).expect(404)
