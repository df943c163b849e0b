"""Reading an allocation."""

import pytest

from tests.receivables.test_create_allocation import allocate
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    made = allocate(shop, [shop.pay("50.00", allocations=[])], [shop.invoice()])
    answer = example(path={"id": made["id"]})
    assert answer.status == 200
    assert answer.json == made


def test_one_statement_reads_it(shop: Shop) -> None:
    made = allocate(shop, [shop.pay("50.00", allocations=[])], [shop.invoice()])
    shop.api.call("get_allocation", path={"id": made["id"]}).expect(200)
    _, sent = counted(lambda: shop.api.call("get_allocation", path={"id": made["id"]}).expect(200))
    assert len(sent) == 2  # open, read


def test_what_is_not_there(shop: Shop) -> None:
    shop.api.call("get_allocation", path={"id": "NONE"}).expect(404)
