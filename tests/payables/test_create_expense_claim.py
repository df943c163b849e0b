"""A claim is written down with the tax that is in what was paid."""

from typing import Any

import pytest

from tests.payables.claims import CLAIM, claim
from tests.support.purchases import Purchases


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    buyer.api.record("suppliers", code="JANE", name="Jane Doe", jurisdiction="US")
    answer = example(body=CLAIM)
    assert (answer.status, answer["total"]) == (201, "85.50")


def test_the_tax_is_taken_out_of_what_was_paid(buyer: Purchases) -> None:
    made = claim(buyer)
    assert (made["number"], made["status"], made["date"]) == ("EXP-2026-000001", "draft", "2026-11-19")
    assert (made["subtotal"], made["tax_total"], made["total"]) == ("75.50", "10.00", "85.50")
    assert [(item["amount"], item["net"], item["date"]) for item in made["items"]] == [
        ("60.00", "50.00", "2026-11-18"),
        ("25.50", "25.50", "2026-11-19"),
    ]
    assert buyer.trial_balance() == {}


def test_nobody_knows_that_employee(buyer: Purchases) -> None:
    before = buyer.api.counts()
    problem = buyer.make("create_expense_claim", 422, **CLAIM)
    assert problem["errors"][0]["code"] == "unknown_supplier"
    assert buyer.api.counts() == before
