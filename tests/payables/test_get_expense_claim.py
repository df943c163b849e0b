"""A claim read again is the claim that was answered."""

from typing import Any

import pytest

from tests.payables.claims import claim
from tests.support.purchases import Purchases


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    made = claim(buyer, "submit_expense_claim")
    answer = example(path={"id": made["number"]})
    assert (answer.status, answer["status"]) == (200, "submitted")


def test_it_is_read_as_it_was_answered(buyer: Purchases) -> None:
    made = claim(buyer, "submit_expense_claim", "approve_expense_claim")
    assert buyer.api.call("get_expense_claim", path={"id": made["id"]}).expect(200).json == made
    assert buyer.api.call("get_expense_claim", path={"id": "EXP-2026-000009"}).expect(404)["code"] == "not_found"
