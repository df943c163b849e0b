"""Reading an invoice: as it was answered, by id or number."""

import pytest

from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    invoice = shop.invoice()
    assert example(path={"id": invoice["number"]})["id"] == invoice["id"]


def test_by_id_and_by_number(shop: Shop) -> None:
    invoice = shop.invoice()
    assert shop.api.call("get_invoice", path={"id": invoice["number"]}).expect(200).json == invoice
    assert shop.api.call("get_invoice", path={"id": invoice["id"]}).headers["ETag"] == '"1"'


@pytest.mark.parametrize("reference", ["INV-1999-000001", "00000000-0000-7000-8000-000000000000", "' OR 1=1 --"])
def test_what_does_not_exist_is_not_found(shop: Shop, reference: str) -> None:
    answer = shop.api.call("get_invoice", path={"id": reference}).expect(404)
    assert answer["code"] == "not_found"
