"""Four eyes: somebody else approves a claim, which then is owed to the employee."""

from typing import Any

import pytest

from tests.payables.claims import claim
from tests.support.purchases import Purchases, posted


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    made = claim(buyer)
    api, buyer.api = buyer.api, buyer.api.as_("jane", "payables.*")
    other = buyer.make("create_expense_claim", **{"employee": "JANE", "purpose": "Fair"} | {"items": _items(made)})
    buyer.act("submit_expense_claim", other)
    buyer.api = api
    answer = example(path={"id": other["number"]}, headers={"If-Match": '"2"'})
    assert (answer.status, answer["status"]) == (200, "approved")


def _items(made: Any) -> list[dict[str, str]]:
    return [{name: item[name] for name in ("date", "description", "amount")} for item in made["items"]]


def test_its_total_is_owed_to_the_employee(buyer: Purchases) -> None:
    made = claim(buyer, "submit_expense_claim", "approve_expense_claim")
    assert (made["status"], made["approved_by"], made["amount_due"]) == ("approved", "boss", "85.50")
    assert posted(made) == [
        ("6180", "50.00", "0.00"),
        ("6180", "25.50", "0.00"),
        ("1250", "10.00", "0.00"),
        ("2140", "0.00", "85.50"),
    ]
    assert made["events"] == ["expense.created", "expense.submitted", "expense.approved"]


def test_who_submitted_it_does_not_approve_it(buyer: Purchases) -> None:
    made = claim(buyer, "submit_expense_claim")
    before = buyer.api.counts()
    assert buyer.act("approve_expense_claim", made, 403)["code"] == "four_eyes_required"
    assert buyer.api.counts() == before


def test_a_draft_is_not_approved_nor_one_of_a_closed_month(buyer: Purchases) -> None:
    made = claim(buyer)
    boss = buyer.api.as_("boss", "payables.*")
    path = {"id": made["id"]}
    assert boss.call("approve_expense_claim", path=path).expect(409)["document_status"] == "draft"
    buyer.act("submit_expense_claim", made)
    buyer.api.call("close_period", {"areas": ["purchase"], "reason": "x"}, path={"id": "FY2026-11"}).expect(200)
    before = buyer.api.counts()
    assert boss.call("approve_expense_claim", path=path).expect(422)["suggested_date"] == "2026-12-01"
    assert buyer.api.counts() == before
