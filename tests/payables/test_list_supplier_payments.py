"""Payments to suppliers by what people look for them by."""

from typing import Any

import pytest

from tests.support.purchases import Purchases


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    buyer.make("record_supplier_payment", supplier="SUPP001", amount="100.00")
    answer = example(query={"supplier": "SUPP001"})
    assert (answer.status, answer["data"][0]["amount_left"]) == (200, "100.00")


def test_each_tells_what_is_left_of_it(buyer: Purchases) -> None:
    buyer.bill()
    buyer.make("record_supplier_payment", supplier="SUPP001", amount="1100.00")
    buyer.make("record_supplier_payment", supplier="SUPP002", amount="5.00", date="2026-11-02")

    def listed(**query: str) -> list[tuple[str, str]]:
        answer = buyer.api.call("list_supplier_payments", query=query).expect(200)
        return [(row["number"], row["amount_left"]) for row in answer["data"]]

    assert listed() == [("SPAY-2026-000002", "5.00"), ("SPAY-2026-000001", "100.00")]
    assert listed(sort="date", supplier="SUPP001") == [("SPAY-2026-000001", "100.00")]
    assert listed(**{"date[lt]": "2026-11-10"}) == [("SPAY-2026-000002", "5.00")]
