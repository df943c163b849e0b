"""Reading a payment: as it was answered, by id or number, where its link leads."""

import pytest

from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    shop.invoice()
    payment = shop.pay("500.00")
    assert example(path={"id": payment["number"]})["id"] == payment["id"]


def test_it_is_read_back_as_it_was_answered(shop: Shop) -> None:
    shop.invoice()
    first = shop.pay("500.00", reference="Cheque 17", metadata={"till": "3"})
    write_off = {"amount": "1.00", "account": "6340", "reason": "Bank charge"}
    last = shop.pay("786.00", write_off=write_off)
    assert last["events"] == ["payment.received", "invoice.paid"]
    for payment in (first, last):
        assert payment["links"]["self"] == f"/api/v1/payments/{payment['id']}"
        for reference in (payment["id"], payment["number"]):
            assert shop.api.call("get_payment", path={"id": reference}).expect(200).json == payment
    stored = {"written_off": "1.00", "write_off_reason": "Bank charge"}
    assert {name: last[name] for name in stored} == stored
    assert (last["account"]["code"], last["write_off_account"]["code"]) == ("1020", "6340")


def test_its_etag_is_its_version(shop: Shop) -> None:
    payment = shop.pay("10.00")
    assert shop.api.call("get_payment", path={"id": payment["id"]}).headers["ETag"] == '"1"'


@pytest.mark.parametrize("reference", ["PAY-1999-000001", "00000000-0000-7000-8000-000000000000", "' OR 1=1 --"])
def test_what_does_not_exist_is_not_found(shop: Shop, reference: str) -> None:
    assert shop.api.call("get_payment", path={"id": reference}).expect(404)["code"] == "not_found"


def test_an_invoice_is_no_payment(shop: Shop) -> None:
    shop.api.call("get_payment", path={"id": shop.invoice()["id"]}).expect(404)


def test_it_is_read_in_two_statements_however_many_invoices_it_settled(shop: Shop) -> None:
    for _ in range(5):
        shop.invoice("CUST002", items=[{"product": "SERV001", "quantity": 1}])
    payment = shop.pay("375.00", "CUST002")
    assert len(payment["allocations"]) == 5
    answer, sent = counted(lambda: shop.api.call("get_payment", path={"id": payment["id"]}))
    assert answer.json == payment
    assert len(sent) == 2
