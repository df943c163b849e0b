"""An approved claim is paid out, wholly or in part, never more."""

from typing import Any

import pytest

from tests.payables.claims import claim
from tests.support.purchases import Purchases, posted


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    made = claim(buyer, "submit_expense_claim", "approve_expense_claim")
    headers = {"If-Match": '"3"', "Idempotency-Key": "reimburse-1"}
    answer = example(path={"id": made["number"]}, body={}, headers=headers)
    assert (answer.status, answer["amount"]) == (201, "85.50")


def test_parts_then_the_rest(buyer: Purchases) -> None:
    made = claim(buyer, "submit_expense_claim", "approve_expense_claim")
    first = buyer.act("reimburse_expense_claim", made, 201, amount="50.00")
    assert posted(first) == [("2140", "50.00", "0.00"), ("1020", "0.00", "50.00")]
    assert first["events"] == ["payment.made", "expense.reimbursed"]
    read = buyer.api.call("get_expense_claim", path={"id": made["id"]}).expect(200)
    assert (read["status"], read["amount_due"]) == ("partially_reimbursed", "35.50")
    before = buyer.api.counts()
    assert buyer.act("reimburse_expense_claim", made, 422, amount="35.51")["code"] == "over_allocated"
    assert buyer.api.counts() == before
    last = buyer.act("reimburse_expense_claim", made, 201)
    assert last["allocations"][0]["status"] == "reimbursed"
    assert buyer.trial_balance() == {"6180": "75.50", "1250": "10.00", "1020": "-85.50"}


@pytest.mark.example
def test_what_the_bank_sent_back_is_owed_again(buyer: Purchases, example: object) -> None:
    made = claim(buyer, "submit_expense_claim", "approve_expense_claim")
    paid = buyer.act("reimburse_expense_claim", made, 201, amount="50.00")
    buyer.act("void_supplier_payment", paid, reason="Sent back")
    read = buyer.api.call("get_expense_claim", path={"id": made["id"]}).expect(200)
    assert (read["status"], read["amount_due"]) == ("approved", "85.50")


def test_only_an_approved_claim_is_paid(buyer: Purchases) -> None:
    made = claim(buyer, "submit_expense_claim")
    before = buyer.api.counts()
    assert buyer.act("reimburse_expense_claim", made, 409)["document_status"] == "submitted"
    assert buyer.api.counts() == before
