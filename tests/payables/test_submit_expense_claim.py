"""A claim is handed in once, and again after it was sent back."""

from typing import Any

import pytest

from tests.payables.claims import claim
from tests.support.purchases import Purchases


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    answer = example(path={"id": claim(buyer)["number"]}, headers={"If-Match": '"1"'})
    assert (answer.status, answer["status"]) == (200, "submitted")


def test_it_is_submitted_once(buyer: Purchases) -> None:
    made = claim(buyer, "submit_expense_claim")
    assert made["submitted_by"] == "tester"
    before = buyer.api.counts()
    assert buyer.act("submit_expense_claim", made, 409)["document_status"] == "submitted"
    assert buyer.api.counts() == before
