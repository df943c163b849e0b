"""Claims by what people look for them by."""

from typing import Any

import pytest

from bigledger.kernel.documents import part_as_json
from bigledger.payables.expense_model import ExpenseClaimHead
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


def test_a_row_has_what_the_claim_has(buyer: Purchases) -> None:
    claim(buyer, "submit_expense_claim", "approve_expense_claim")
    (row,) = buyer.api.call("list_expense_claims").expect(200)["data"]
    whole = buyer.api.call("get_expense_claim", path={"id": row["id"]}).expect(200).json
    assert row == {name: whole[name] for name in row}
    assert (row["employee"]["code"], row["purpose"], row["total"]) == ("JANE", "Visit to a customer", "85.50")


def test_no_more_of_a_claim_is_read_than_its_row_shows(buyer: Purchases) -> None:
    """A claim may have 500 items, of which a page of claims shows none."""
    claim(buyer)
    part = part_as_json(ExpenseClaimHead)
    (found,) = buyer.api.rows(f"SELECT ({part})->'data' AS data FROM kernel.document d WHERE d.type = 'expense_claim'")
    assert set(found.data) == {"purpose", "bill"}
    assert set(found.data["bill"]) == {"company", "supplier", "date", "currency", "total"}
