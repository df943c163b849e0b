"""A certificate tells a supplier what was withheld from it; its rules are in test_withholding."""

from typing import Any

import pytest

from tests.support.purchases import Purchases


@pytest.fixture
def paid(buyer: Purchases) -> Purchases:
    """A payment that 10 % was withheld from."""
    rates = [{"rate": "0.10", "valid_from": "2020-01-01"}]
    buyer.api.record("taxes", code="WHT10", name="Contractors", jurisdiction="US", account="2210", rates=rates)
    buyer.api.record("suppliers", code="SUPP009", name="Builder", jurisdiction="US", withholding_tax="WHT10")
    buyer.bill("SUPP009", supplier_number="2026-4711")
    buyer.make("record_supplier_payment", supplier="SUPP009", amount="1000.00")
    return buyer


BODY = {"supplier": "SUPP009", "tax": "WHT10", "first_day": "2026-11-01", "last_day": "2026-11-30"}


@pytest.mark.example
def test_example(paid: Purchases, example: Any) -> None:
    made = paid.make("create_withholding_certificate", **BODY)
    answer = example(path={"id": made["number"]})
    assert (answer.status, answer.json) == (200, made)
