"""A claim that is not handed in can be corrected, above all one that was sent back."""

from typing import Any

import pytest

from tests.payables.claims import CLAIM, claim
from tests.support.purchases import Purchases

TAXI = {"date": "2026-11-21", "description": "Taxi", "amount": "24.00", "account": "6180", "tax": "VAT20"}


def change(buyer: Purchases, made: Any, body: Any, status: int = 200) -> Any:
    headers = {"If-Match": f'"{made["version"]}"'}
    return buyer.api.call("update_expense_claim", body, path={"id": made["id"]}, headers=headers).expect(status).json


def sent_back(buyer: Purchases) -> Any:
    return buyer.act("reject_expense_claim", claim(buyer, "submit_expense_claim"), reason="Which train?")


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    made = sent_back(buyer)
    answer = example(path={"id": made["id"]}, body={"items": [TAXI]}, headers={"If-Match": '"3"'})
    assert (answer.status, answer["total"], answer["status"]) == (200, "24.00", "rejected")


def test_what_is_not_named_stays(buyer: Purchases) -> None:
    made = claim(buyer)
    after = change(buyer, made, {"purpose": "Visit to two customers"})
    changed = ("purpose", "version", "events")
    assert [after[name] for name in changed] == ["Visit to two customers", 2, ["expense.created", "expense.updated"]]
    assert {**after, **{name: made[name] for name in changed}} == made


def test_items_bring_their_day_and_taxes(buyer: Purchases) -> None:
    """The tax of 20 % in 24.00 is 4.00; the accounting date is the items' latest, unless one is named."""
    made = claim(buyer)
    after = change(buyer, made, {"items": [*CLAIM["items"], TAXI]})
    assert (after["subtotal"], after["tax_total"], after["total"], after["date"]) == (
        *["95.50", "14.00", "109.50"],
        "2026-11-21",
    )
    after = change(buyer, after, {"items": [TAXI], "date": "2026-11-22"})
    assert (after["total"], after["date"], after["number"]) == ("24.00", "2026-11-22", made["number"])
    assert change(buyer, after, {"date": None})["date"] == "2026-11-21"
    assert buyer.trial_balance() == {}


def test_one_that_was_sent_back_is_corrected_and_handed_in_again(buyer: Purchases) -> None:
    """The reason stands until then; what is approved in the end is what it was corrected to."""
    made = sent_back(buyer)
    after = change(buyer, made, {"items": [TAXI]})
    assert (after["status"], after["reject_reason"]) == ("rejected", made["reject_reason"])
    after = buyer.act("submit_expense_claim", after)
    assert (after["status"], "reject_reason" in after) == ("submitted", False)
    boss = Purchases.__new__(Purchases)
    boss.api = buyer.api.as_("boss", "payables.*")
    assert boss.act("approve_expense_claim", after)["amount_due"] == "24.00"


@pytest.mark.parametrize("done", [["submit_expense_claim"], ["submit_expense_claim", "approve_expense_claim"]])
def test_one_that_was_handed_in_is_not_changed(buyer: Purchases, done: list[str]) -> None:
    made = claim(buyer, *done)
    before = buyer.api.counts()
    assert change(buyer, made, {"purpose": "x"}, 409)["document_status"] == made["status"]
    assert buyer.api.counts() == before


def test_bad_changes_change_nothing(buyer: Purchases) -> None:
    """An older version, an employee nobody knows, nothing left of it, null for what it cannot be without."""
    made = claim(buyer)
    change(buyer, made, {"purpose": "Visit"})
    before = buyer.api.counts()
    assert change(buyer, made, {"purpose": "x"}, 412)["code"] == "stale_version"
    made["version"] = 2
    for body, pointer, code in (
        ({"employee": "NOBODY"}, "/employee", "unknown_supplier"),
        ({"items": [TAXI, {**TAXI, "tax": "NONE"}]}, "/items/1/tax", "unknown_tax"),
        ({"items": [TAXI, {**TAXI, "amount": "24.005"}]}, "/items/1/amount", "too_precise"),
        ({"items": [{**TAXI, "account": "NONE"}]}, "/items/0/account", "unknown_account"),
    ):
        error = change(buyer, made, body, 422)["errors"][0]
        assert (error["pointer"], error["code"]) == (pointer, code)
    for body in ({"items": []}, {"items": None}, {"employee": None}, {"purpose": None}):
        assert change(buyer, made, body, 422)["code"] == "invalid_request"
    assert buyer.api.counts() == before


def test_another_employee_brings_their_currency(buyer: Purchases) -> None:
    buyer.rate("EUR", "2026-11-01", "1.10")
    buyer.api.record("suppliers", code="PIERRE", name="Pierre Martin", jurisdiction="FR", currency="EUR")
    made = claim(buyer)
    after = change(buyer, made, {"employee": "PIERRE"})
    assert (after["employee"]["code"], after["currency"], after["total"]) == ("PIERRE", "EUR", "85.50")
    assert after["base"]["total"] == "94.05"


def test_who_changed_it_does_not_approve_it(buyer: Purchases) -> None:
    """Four eyes: what somebody wrote into the claim of another is approved by a third."""
    made = sent_back(buyer)
    clerk, boss = (buyer.api.as_(name, "payables.*") for name in ("clerk", "boss"))
    headers = {"If-Match": f'"{made["version"]}"'}
    clerk.call("update_expense_claim", {"items": [TAXI]}, path={"id": made["id"]}, headers=headers).expect(200)
    buyer.act("submit_expense_claim", made)
    before = buyer.api.counts()
    refused = clerk.call("approve_expense_claim", path={"id": made["id"]}).expect(403)
    assert (refused["code"], buyer.api.counts()) == ("four_eyes_required", before)
    assert boss.call("approve_expense_claim", path={"id": made["id"]}).expect(200)["approved_by"] == "boss"
