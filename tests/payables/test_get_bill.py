"""A bill read again is the bill that was answered."""

from typing import Any

import pytest

from tests.support.purchases import Purchases


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    bill = buyer.bill(supplier_number="2026-4711")
    answer = example(path={"id": bill["number"]})
    assert (answer.status, answer["number"]) == (200, "BILL-2026-000001")


def test_a_bill_is_read_as_it_was_answered(buyer: Purchases) -> None:
    bill = buyer.bill(items=[{"unit_price": "100.00", "taxes": ["VAT20"]}], metadata={"scan": "17"})
    for reference in (bill["id"], bill["number"]):
        assert buyer.api.call("get_bill", path={"id": reference}).expect(200).json == bill


def test_nothing_is_told_of_a_bill_that_is_not_there(buyer: Purchases) -> None:
    assert buyer.api.call("get_bill", path={"id": "BILL-2026-000009"}).expect(404)["code"] == "not_found"
