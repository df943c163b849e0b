"""A claim that is wrong is sent back with the reason."""

from typing import Any

import pytest

from tests.payables.claims import claim
from tests.support.purchases import Purchases


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    made = claim(buyer, "submit_expense_claim")
    body = {"reason": "The receipt is missing"}
    answer = example(path={"id": made["number"]}, body=body, headers={"If-Match": '"2"'})
    assert (answer.status, answer["status"]) == (200, "rejected")


def test_it_can_be_submitted_again(buyer: Purchases) -> None:
    made = claim(buyer, "submit_expense_claim")
    rejected = buyer.act("reject_expense_claim", made, reason="The receipt is missing")
    assert rejected["reject_reason"] == "The receipt is missing"
    again = buyer.act("submit_expense_claim", made)
    assert (again["status"], "reject_reason" in again) == ("submitted", False)
    assert buyer.trial_balance() == {}


def test_a_draft_is_not_sent_back(buyer: Purchases) -> None:
    made = claim(buyer)
    before = buyer.api.counts()
    assert buyer.act("reject_expense_claim", made, 409, reason="x")["document_status"] == "draft"
    assert buyer.api.counts() == before
