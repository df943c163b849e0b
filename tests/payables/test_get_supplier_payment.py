"""A payment read again is the payment that was answered."""

from typing import Any

import pytest

from tests.support.purchases import Purchases


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    payment = buyer.make("record_supplier_payment", supplier="SUPP001", amount="100.00", reference="Wire 17")
    answer = example(path={"id": payment["number"]})
    assert (answer.status, answer["amount"]) == (200, "100.00")


def test_a_payment_is_read_as_it_was_answered(buyer: Purchases) -> None:
    bill = buyer.bill()
    payment = buyer.make("record_supplier_payment", supplier="SUPP001", amount="1100.00", metadata={"batch": "7"})
    assert payment["allocations"][0]["document"]["id"] == bill["id"]
    assert buyer.api.call("get_supplier_payment", path={"id": payment["id"]}).expect(200).json == payment


def test_nothing_is_told_of_one_that_is_not_there(buyer: Purchases) -> None:
    assert buyer.api.call("get_supplier_payment", path={"id": "SPAY-2026-000009"}).expect(404)["code"] == "not_found"
