"""A certificate tells a supplier what was withheld from it; its rules are in test_withholding."""

from typing import Any

import pytest

from tests.support.purchases import Purchases


@pytest.fixture
def paid(buyer: Purchases) -> Purchases:
    """10 % was withheld from a payment of 1,000, then from a bill of 1,000, of which 400 are credited."""
    rates = [{"rate": "0.10", "valid_from": "2020-01-01"}]
    buyer.api.record("taxes", code="WHT10", name="Contractors", jurisdiction="US", account="2210", rates=rates)
    buyer.api.record("suppliers", code="SUPP009", name="Builder", jurisdiction="US", withholding_tax="WHT10")
    buyer.bill("SUPP009", supplier_number="2026-4711")
    buyer.make("record_supplier_payment", supplier="SUPP009", amount="1000.00")
    path, headers = {"resource": "taxes", "id": "WHT10"}, {"If-Match": '"1"'}
    buyer.api.call("update_record", {"withheld_at": "bill"}, path=path, headers=headers).expect(200)
    items = [{"account": "6190", "unit_price": price} for price in ("600.00", "400.00")]
    bill = buyer.bill("SUPP009", supplier_number="2026-4712", items=items)
    buyer.act("credit_bill", bill, 201, supplier_number="2026-4713", reason="Half done", lines=[{"line": 2}])
    return buyer


BODY = {"supplier": "SUPP009", "tax": "WHT10", "first_day": "2026-11-01", "last_day": "2026-11-30"}


@pytest.mark.example
def test_example(paid: Purchases, example: Any) -> None:
    answer = example(body=BODY)
    assert (answer.status, answer["amount"]) == (201, "160.00")
    assert [one["amount"] for one in answer["payments"]] == ["100.00", "100.00", "-40.00"]


def test_an_unknown_supplier_is_told(paid: Purchases) -> None:
    before = paid.api.counts()
    problem = paid.make("create_withholding_certificate", 422, **BODY | {"supplier": "NOBODY"})
    assert problem["errors"][0]["pointer"] == "/supplier"
    assert paid.api.counts() == before
