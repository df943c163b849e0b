"""Deciding: by the right person, once, and carried out in the same transaction."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.shop import Shop
from tests.support.statements import counted
from tests.workflow.claims import Claims


@pytest.mark.example
def test_example(example: Any, shop: Shop) -> None:
    shop.api.record("approval-rules", code="BIG", name="Above 10,000", condition="document.total > 10000")
    invoice = shop.invoice(items=[{"product": "PROD001", "quantity": 90}])
    answer = example(path={"id": invoice["approval"]["id"], "decision": "approve"}, body={"reason": "Checked."})
    assert answer.expect(200)["status"] == "approved"
    assert answer["outcome"] == {
        "type": "invoice",
        "id": invoice["id"],
        "number": "INV-2026-000001",
        "status": "issued",
    }


@pytest.mark.example
def test_example_of_a_second_decision(example: Any, shop: Shop) -> None:
    shop.api.record("approval-rules", code="BIG", name="Above 10,000", condition="document.total > 10000")
    voided = shop.invoice(items=[{"product": "PROD001", "quantity": 90}])
    shop.api.call("void_invoice", {"reason": "A mistake."}, path={"id": voided["id"]}).expect(200)
    rejected = shop.invoice(items=[{"product": "PROD001", "quantity": 90}])
    path = {"id": rejected["approval"]["id"], "decision": "reject"}
    shop.api.call("decide_approval", {"reason": "Too much."}, path=path).expect(200)
    answer = example(path={"id": rejected["approval"]["id"], "decision": "approve"}, body={})
    assert answer.expect(409)["code"] == "already_decided"
    assert shop.api.call("list_approvals", query={"status": "withdrawn"})["data"][0]["document"]["id"] == voided["id"]


def test_an_approval_goes_on_with_the_document_and_tells_who_decided(claims: Claims) -> None:
    claims.rule()
    approval = claims.submit("10000.01")
    answer = claims.decide(approval, "approve", actor="boss").expect(200)
    assert answer["status"] == "approved"
    assert answer["version"] == 2
    assert answer.headers["ETag"] == '"2"'
    assert answer["decided_by"] == {"id": "boss", "kind": "user", "name": "boss"}
    assert "decision_reason" not in answer.json
    document = {"type": "claim", "id": approval["document"]["id"], "number": "CLAIM-1"}
    assert answer["document"] == document
    assert answer["outcome"] == {**document, "status": "paid"}
    assert claims.document(document["id"]) == ("paid", "CLAIM-1", 2)
    (told,) = claims.api.events("approval.approved")
    assert told["subject"] == f"approval/{approval['id']}"
    assert told["sequence"] == 2
    assert told["actorid"] == "boss"
    assert told["data"] == {
        "id": approval["id"],
        "document": {"type": "claim", "id": document["id"]},
        "review": False,
        "amount": "10000.01",
        "currency": "USD",
        "requested_by": {"id": "clerk", "kind": "user", "name": "clerk"},
        "decided_by": {"id": "boss", "kind": "user", "name": "boss"},
    }
    assert [event["data"] for event in claims.api.events("claim.settled")] == [{"status": "paid"}]


def test_a_rejection_says_why_and_refuses_the_document(claims: Claims) -> None:
    approval = claims.submit("1")
    answer = claims.decide(approval, "reject", {"reason": "No budget."}).expect(200)
    assert (answer["status"], answer["decision_reason"]) == ("rejected", "No budget.")
    assert answer["outcome"] == {"type": "claim", "id": approval["document"]["id"], "status": "refused"}
    (told,) = claims.api.events("approval.rejected")
    assert told["data"]["decision_reason"] == "No budget."
    assert claims.api.events("approval.withdrawn") == []


def test_a_rejection_without_a_reason_is_refused_and_nothing_is_decided(claims: Claims) -> None:
    approval = claims.submit("1")
    before = claims.api.counts()
    answer = claims.decide(approval, "reject", {}).expect(422)
    assert answer["errors"] == [{"pointer": "/reason", "code": "required", "message": "a rejection needs a reason"}]
    assert claims.api.counts() == before
    assert claims.document(approval["id"]) == ("pending", None, 1)


@pytest.mark.parametrize("again", ["approve", "reject"])
def test_what_is_decided_stays_decided(claims: Claims, again: str) -> None:
    approval = claims.submit("1")
    claims.decide(approval, "approve", actor="boss").expect(200)
    before = claims.api.counts()
    answer = claims.decide(approval, again, {"reason": "Changed my mind."}).expect(409)
    assert answer["code"] == "already_decided"
    assert answer["detail"] == "This approval was approved by boss already. Read it to see what followed."
    assert answer["document_status"] == "approved"
    assert claims.api.counts() == before
    assert claims.document(approval["document"]["id"]) == ("paid", "CLAIM-1", 2)


def test_of_two_decisions_at_once_one_counts(claims: Claims) -> None:
    approval = claims.submit("1")

    def decide(decision: str) -> int:
        return claims.decide(approval, decision, {"reason": "x"}, actor=decision).status

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, ("approve", "reject"))) == [200, 409]
    assert len(claims.api.events("claim.settled")) == 1
    decided = claims.document(approval["id"])
    settled = claims.document(approval["document"]["id"])
    assert (decided[0], settled[0]) in {("approved", "paid"), ("rejected", "refused")}


def test_a_decision_about_another_version_is_refused(claims: Claims) -> None:
    approval = claims.submit("1")
    answer = claims.decide(approval, "approve", headers={"If-Match": '"7"'}).expect(412)
    assert answer["code"] == "stale_version"
    assert claims.document(approval["id"]) == ("pending", None, 1)
    claims.decide(approval, "approve", headers={"If-Match": '"1"'}).expect(200)


def test_only_who_holds_the_role_of_every_rule_decides(claims: Claims) -> None:
    claims.api.call("create_role", {"code": "cfo", "name": "CFO", "permissions": ["workflow.*"]}).expect(201)
    claims.rule("true", code="A", approver_role="approver")
    claims.rule("true", code="B", approver_role="cfo")
    claims.rule("true", code="C")
    approval = claims.submit("1")
    assert approval["approver_roles"] == ["approver", "cfo"]
    before = claims.api.counts()
    for decision in ("approve", "reject"):
        answer = claims.decide(approval, decision, {"reason": "x"}, roles="admin approver", actor="boss").expect(403)
        assert answer["code"] == "approver_role_missing"
        assert answer["detail"] == "Only who holds the role cfo may decide this, and boss does not."
        assert answer["roles"] == ["cfo"]
    assert claims.api.counts() == before
    assert claims.document(approval["id"]) == ("pending", None, 1)
    claims.decide(approval, "approve", roles="approver cfo", actor="boss").expect(200)


def test_with_four_eyes_the_one_who_made_it_cannot_approve_it_but_can_take_it_back(claims: Claims) -> None:
    claims.rule("true", four_eyes=True)
    own, others = claims.submit("1", actor="clerk"), claims.submit("2", actor="clerk")
    before = claims.api.counts()
    answer = claims.decide(own, "approve", actor="clerk").expect(403)
    assert answer["code"] == "four_eyes_required"
    assert answer["detail"] == (
        "clerk made, changed or submitted this claim; the rule asks for the approval of somebody else."
    )
    assert claims.api.counts() == before
    claims.decide(own, "reject", {"reason": "A mistake."}, actor="clerk").expect(200)
    claims.decide(others, "approve", actor="boss").expect(200)


def test_without_four_eyes_one_may_approve_what_one_made(claims: Claims) -> None:
    claims.rule("true")
    claims.decide(claims.submit("1", actor="clerk"), "approve", actor="clerk").expect(200)


def test_a_review_is_recorded_and_leaves_the_document_as_it_is(claims: Claims) -> None:
    customer = claims.api.record("customers", code="C1", name="One", jurisdiction="US")
    review = claims.api.call("request_approval", {"reason": "please look"}, path={"id": customer["id"]}).expect(200)
    answer = claims.api.call("decide_approval", path={"id": review["id"], "decision": "approve"}).expect(200)
    assert answer["status"] == "approved"
    assert answer["outcome"] == {"type": "customer", "id": customer["id"], "number": "C1", "status": "active"}
    assert claims.document(customer["id"]) == ("active", "C1", 1)


def test_approving_a_review_does_not_approve_what_waits_by_rule(claims: Claims) -> None:
    """Otherwise an applet's request would be a way around the rule's approver."""
    claims.api.call("create_role", {"code": "cfo", "name": "CFO", "permissions": ["workflow.*"]}).expect(201)
    claims.rule("true", approver_role="cfo")
    refused = claims.submit("1")
    claims.decide(refused, "reject", {"reason": "No."}, roles="cfo").expect(200)
    claim = refused["document"]["id"]
    review = claims.api.call("request_approval", {"reason": "look"}, path={"id": claim}).expect(200)
    waiting = claims.call("submit_claim", {"id": claim}).expect(201)
    answer = claims.decide(review.json, "approve").expect(200)
    assert answer["outcome"] == {"type": "claim", "id": claim, "status": "pending_approval"}
    assert claims.document(claim) == ("pending_approval", None, 3)
    assert claims.document(waiting["id"]) == ("pending", None, 1)


def test_a_withdrawn_approval_cannot_be_decided(claims: Claims) -> None:
    approval = claims.submit("1")
    claims.call("withdraw_claim", path={"id": approval["document"]["id"]}).expect(200)
    assert claims.document(approval["id"]) == ("withdrawn", None, 2)
    (told,) = claims.api.events("approval.withdrawn")
    assert told["data"]["decision_reason"] == "taken back"
    answer = claims.decide(approval, "approve").expect(409)
    assert answer["document_status"] == "withdrawn"
    assert claims.document(approval["document"]["id"]) == ("withdrawn", None, 2)


def test_a_dry_run_shows_the_decision_and_takes_none(claims: Claims) -> None:
    approval = claims.submit("1")
    before = claims.api.counts()
    answer = claims.decide(approval, "approve", query={"dry_run": "true"}).expect(200)
    assert answer["outcome"]["status"] == "paid"
    assert [event["type"] for event in answer["dry_run"]["events"]] == ["approval.approved", "claim.settled"]
    assert claims.api.counts() == before
    assert claims.document(approval["id"]) == ("pending", None, 1)


@pytest.mark.parametrize(("id", "status"), [("0195b4f2-0000-7000-8000-000000000000", 404), ("nonsense", 404)])
def test_an_unknown_approval_is_not_found(api: Api, id: str, status: int) -> None:
    answer = api.call("decide_approval", path={"id": id, "decision": "approve"}).expect(status)
    assert answer["detail"] == f"There is no approval {id}."


def test_another_tenant_cannot_decide(claims: Claims, operator: Api) -> None:
    approval = claims.submit("1")
    body = {"name": "Other", "company": {"currency": "USD", "jurisdiction": "US-CA"}}
    other = Api(operator.call("create_tenant", body).expect(201)["id"])
    answer = other.call("decide_approval", path={"id": approval["id"], "decision": "approve"}).expect(404)
    assert answer["code"] == "not_found"
    assert claims.document(approval["id"]) == ("pending", None, 1)


def test_a_word_that_is_no_decision_is_pointed_at(claims: Claims) -> None:
    approval = claims.submit("1")
    answer = claims.api.call("decide_approval", path={"id": approval["id"], "decision": "maybe"}).expect(422)
    assert [error["pointer"] for error in answer["errors"]] == ["/decision"]
    assert claims.document(approval["id"]) == ("pending", None, 1)


def test_without_the_permission_nothing_is_decided(claims: Claims) -> None:
    approval = claims.submit("1")
    reader = claims.api.as_("reader", "workflow.list_* receivables.*")
    answer = reader.call("decide_approval", path={"id": approval["id"], "decision": "approve"}).expect(403)
    assert answer["permission"] == "workflow.decide_approval"
    assert claims.document(approval["id"]) == ("pending", None, 1)


def waiting_invoice(shop: Shop) -> Any:
    """An invoice of 90 lamps for 11,583.00, which waits for approval."""
    shop.api.record("approval-rules", code="BIG", name="Above 10,000", condition="document.total > 10000")
    invoice = shop.invoice(items=[{"product": "PROD001", "quantity": 90}])
    assert (invoice["status"], invoice["total"]) == ("pending_approval", "11583.00")
    return invoice


def test_approving_an_invoice_issues_it(shop: Shop) -> None:
    invoice = waiting_invoice(shop)
    answer = shop.api.call("decide_approval", path={"id": invoice["approval"]["id"], "decision": "approve"})
    assert answer.expect(200)["outcome"] == {
        "type": "invoice",
        "id": invoice["id"],
        "number": "INV-2026-000001",
        "status": "issued",
    }
    assert answer["document"] == {"type": "invoice", "id": invoice["id"], "number": "INV-2026-000001"}
    issued = shop.get(invoice)
    assert (issued["status"], issued["number"], issued["amount_due"]) == ("issued", "INV-2026-000001", "11583.00")
    assert issued["approval"]["status"] == "approved"
    balance = shop.trial_balance()
    assert (balance["1200"], balance["4000"], balance["2200"]) == ("11583.00", "-10800.00", "-783.00")
    assert shop.available("PROD001") == "10"


def test_rejecting_an_invoice_voids_it_and_gives_back_what_it_held(shop: Shop) -> None:
    before = shop.trial_balance()
    invoice = waiting_invoice(shop)
    assert shop.available("PROD001") == "10"
    path = {"id": invoice["approval"]["id"], "decision": "reject"}
    answer = shop.api.call("decide_approval", {"reason": "Too much."}, path=path).expect(200)
    assert answer["outcome"] == {"type": "invoice", "id": invoice["id"], "status": "void"}
    void = shop.get(invoice)
    assert (void["status"], void["void_reason"], void["amount_due"]) == ("void", "Too much.", "0.00")
    assert shop.trial_balance() == before
    assert shop.available("PROD001") == "100"
    small = shop.invoice()
    assert small["credit"]["exposure"] == "1287.00"
    assert [event["data"]["previous_status"] for event in shop.api.events("invoice.cancelled")] == ["pending_approval"]


def test_a_decision_takes_five_statements(shop: Shop) -> None:
    """Reading the approval, reading the invoice, what else is pending, and the flush, after the request is opened."""
    invoice = waiting_invoice(shop)
    path = {"id": invoice["approval"]["id"], "decision": "reject"}
    answer, sent = counted(lambda: shop.api.call("decide_approval", {"reason": "No."}, path=path))
    assert answer.expect(200)["status"] == "rejected"
    assert len(sent) == 5


def close_november(shop: Shop) -> None:
    path = {"resource": "fiscal-years", "id": "FY2026"}
    year = shop.api.call("get_record", path=path).expect(200)
    periods = [period | ({"status": "closed"} if period["number"] == 11 else {}) for period in year["periods"]]
    headers = {"If-Match": year.headers["ETag"]}
    shop.api.call("update_record", {"periods": periods}, path=path, headers=headers).expect(200)


def test_an_invoice_whose_period_has_closed_is_posted_on_another_day(shop: Shop) -> None:
    """It is dated anew with its due date; what was approved of prices and taxes stays."""
    shop.api.record("approval-rules", code="ALL", name="All", condition="document.total > 0")
    waiting = shop.invoice()
    close_november(shop)
    path = {"id": waiting["approval"]["id"], "decision": "approve"}
    before = shop.api.counts()
    refused = shop.api.call("decide_approval", {}, path=path).expect(422)
    assert (refused["code"], refused["suggested_date"]) == ("period_closed", "2026-12-01")
    early = shop.api.call("decide_approval", {"date": "2026-11-22"}, path=path).expect(422)
    assert (early["code"], early["errors"][0]["pointer"]) == ("dated_too_early", "/date")
    assert shop.api.counts() == before
    shop.api.call("decide_approval", {"date": "2026-12-01"}, path=path).expect(200)
    issued = shop.get(waiting)
    assert (issued["status"], issued["number"]) == ("issued", "INV-2026-000001")
    assert (issued["date"], issued["due_date"]) == ("2026-12-01", "2026-12-31")
    assert issued["instalments"] == [{"due_date": "2026-12-31", "amount": "1287.00"}]
    assert (issued["taxes"], issued["total"]) == (waiting["taxes"], waiting["total"])
    assert "1200" not in shop.trial_balance(as_of="2026-11-30")
    assert shop.trial_balance(as_of="2026-12-01")["1200"] == "1287.00"
    (told,) = shop.api.events("invoice.posted")
    assert (told["data"]["date"], told["data"]["due_date"]) == ("2026-12-01", "2026-12-31")


def test_without_a_day_it_is_posted_on_its_own(shop: Shop) -> None:
    shop.api.record("approval-rules", code="ALL", name="All", condition="document.total > 0")
    waiting = shop.invoice(date="2026-11-02")
    path = {"id": waiting["approval"]["id"], "decision": "approve"}
    shop.api.call("decide_approval", {}, path=path).expect(200)
    issued = shop.get(waiting)
    assert (issued["date"], issued["due_date"]) == ("2026-11-02", "2026-12-02")


def test_where_nothing_is_posted_a_day_is_refused(shop: Shop) -> None:
    shop.api.record("approval-rules", code="ALL", name="All", condition="document.total > 0")
    waiting = shop.invoice()
    review = shop.api.call("request_approval", {"reason": "Look"}, path={"id": shop.invoice(draft=True)["id"]})
    decisions = [(waiting["approval"]["id"], "reject"), (review.expect(200)["id"], "approve")]
    before = shop.api.counts()
    for id, decision in decisions:
        body = {"reason": "x", "date": "2026-12-01"}
        answer = shop.api.call("decide_approval", body, path={"id": id, "decision": decision}).expect(422)
        assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [("/date", "nothing_posted")]
    assert shop.api.counts() == before


def test_with_four_eyes_none_of_those_who_changed_the_draft_can_approve_it(shop: Shop) -> None:
    shop.api.record("approval-rules", code="ALL", name="All", condition="document.total > 0", four_eyes=True)
    body = {"customer": "CUST001", "items": [{"product": "PROD001", "quantity": 1}], "draft": True}
    draft = shop.api.as_("maker", "*").call("create_invoice", body).expect(201)
    path = {"id": draft["id"]}
    for version, editor in (("1", "first"), ("2", "second"), ("3", "maker")):
        change = {"items": [{"product": "PROD001", "quantity": int(version) + 1}]}
        headers = {"If-Match": f'"{version}"'}
        shop.api.as_(editor, "*").call("update_invoice", change, path=path, headers=headers).expect(200)
    waiting = shop.api.as_("submitter", "*").call("issue_invoice", path=path).expect(200)
    decision = {"id": waiting["approval"]["id"], "decision": "approve"}
    before = shop.api.counts()
    for actor in ("maker", "first", "second", "submitter"):
        refused = shop.api.as_(actor, "*").call("decide_approval", path=decision).expect(403)
        assert refused["code"] == "four_eyes_required"
        assert refused["detail"] == (
            f"{actor} made, changed or submitted this invoice; the rule asks for the approval of somebody else."
        )
    assert shop.api.counts() == before
    assert shop.get(draft)["status"] == "pending_approval"
    answer, sent = counted(lambda: shop.api.as_("boss", "*").call("decide_approval", path=decision))
    assert answer.expect(200)["outcome"]["status"] == "issued"
    assert len(sent) <= 5


def test_with_four_eyes_who_refused_a_document_before_did_not_change_it(claims: Claims) -> None:
    claims.rule("true", four_eyes=True)
    refused = claims.submit("1", actor="clerk")
    claims.decide(refused, "reject", {"reason": "No."}, actor="boss").expect(200)
    again = claims.call("submit_claim", {"id": refused["document"]["id"]}, actor="clerk").expect(201)
    claims.decide(again.json, "approve", actor="clerk").expect(403)
    claims.decide(again.json, "approve", actor="boss").expect(200)
