"""Claims by what people look for them by."""

from typing import Any

import pytest

from tests.payables.claims import claim
from tests.support.purchases import Purchases


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    claim(buyer, "submit_expense_claim")
    answer = example(query={"status": "submitted"})
    assert (answer.status, len(answer["data"])) == (200, 1)


def test_claims_are_found_by_employee_and_status(buyer: Purchases) -> None:
    claim(buyer)
    approved = claim(buyer, "submit_expense_claim", "approve_expense_claim")
    rows = buyer.api.call("list_expense_claims", query={"employee": "JANE", "status": "approved"}).expect(200)["data"]
    assert [(row["number"], row["amount_due"]) for row in rows] == [(approved["number"], "85.50")]
