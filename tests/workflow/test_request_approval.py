"""Asking for a review: once per document, however often and however concurrently it is asked for."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.shop import Shop
from tests.workflow.claims import Claims


@pytest.mark.example
def test_example(example: Any, shop: Shop) -> None:
    invoice = shop.invoice(items=[{"product": "PROD001", "quantity": 90}])
    answer = example(path={"id": invoice["id"]}, body={"reason": "above 10,000"})
    assert answer.expect(200)["status"] == "pending"
    assert answer["document"] == {"type": "invoice", "id": invoice["id"], "number": invoice["number"]}
    assert (answer["amount"], answer["currency"]) == (invoice["total"], "USD")


@pytest.fixture
def customer(api: Api) -> Any:
    return api.record("customers", code="C1", name="One", jurisdiction="US")


def test_any_document_can_be_reviewed(api: Api, customer: Any) -> None:
    applet = Api(api.tenant_id, "applet-key", "applet", "workflow.request_approval")
    answer = applet.call("request_approval", {"reason": "new customer"}, path={"id": customer["id"]}).expect(200)
    asked = answer.json
    assert len(asked.pop("id")) == 36
    assert len(asked.pop("requested_at")) > 0
    by = {"id": "applet-key", "kind": "applet", "name": "applet-key"}
    assert asked == {
        "status": "pending",
        "version": 1,
        "document": {"type": "customer", "id": customer["id"], "number": "C1"},
        "reason": "new customer",
        "review": True,
        "rules": [],
        "requested_by": by,
        "made_by": "tester",
        "approver_roles": [],
        "four_eyes": False,
    }
    (told,) = api.events("approval.requested")
    assert told["subject"] == f"approval/{answer['id']}"
    assert told["actorid"] == "applet-key"
    assert told["data"] == {
        "id": answer["id"],
        "document": asked["document"],
        "review": True,
        "requested_by": by,
        "reason": "new customer",
        "rules": [],
        "approver_roles": [],
        "four_eyes": False,
    }
    links = api.rows("SELECT from_id, to_id, kind FROM kernel.document_link")
    assert [(str(row.from_id), str(row.to_id), row.kind) for row in links] == [
        (customer["id"], answer["id"], "approval")
    ]


def test_a_pending_request_is_answered_instead_of_a_second(api: Api, customer: Any) -> None:
    first = api.call("request_approval", {"reason": "one"}, path={"id": customer["id"]}).expect(200)
    before = api.counts()
    again = api.call("request_approval", {"reason": "two"}, path={"id": customer["id"]}).expect(200)
    assert again.json == first.json
    assert api.counts() == before


def test_what_waits_by_rule_is_answered_too(claims: Claims) -> None:
    waiting = claims.submit("1")
    asked = claims.api.call("request_approval", {"reason": "x"}, path={"id": waiting["document"]["id"]}).expect(200)
    assert (asked["id"], asked["review"]) == (waiting["id"], False)


def test_after_a_decision_a_document_can_be_reviewed_again(api: Api, customer: Any) -> None:
    asked = []
    for _ in range(2):
        asked.append(api.call("request_approval", {"reason": "again"}, path={"id": customer["id"]}).expect(200)["id"])
        api.call("decide_approval", path={"id": asked[-1], "decision": "approve"}).expect(200)
    assert asked[0] != asked[1]


def test_requests_at_the_same_moment_make_one_approval(api: Api, customer: Any) -> None:
    def ask(caller: int) -> Any:
        applet = Api(api.tenant_id, f"applet-{caller}", "applet", "workflow.*")
        return applet.call("request_approval", {"reason": "x"}, path={"id": customer["id"]}).expect(200)["id"]

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(ask, range(6)))
    assert len(set(answers)) == 1
    assert len(api.events("approval.requested")) == 1


def test_an_approval_is_not_approved_in_its_turn(api: Api, customer: Any) -> None:
    asked = api.call("request_approval", {"reason": "x"}, path={"id": customer["id"]}).expect(200)
    before = api.counts()
    answer = api.call("request_approval", {"reason": "x"}, path={"id": asked["id"]}).expect(422)
    assert [error["code"] for error in answer["errors"]] == ["is_approval"]
    assert api.counts() == before


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": 5}, {"reason": "x", "role": "cfo"}])
def test_a_request_says_why_and_nothing_else(api: Api, customer: Any, body: Any) -> None:
    before = api.counts()
    api.call("request_approval", body, path={"id": customer["id"]}).expect(422)
    assert api.counts() == before


def test_another_tenants_document_is_not_found(api: Api, customer: Any, operator: Api) -> None:
    body = {"name": "Other", "company": {"currency": "USD", "jurisdiction": "US-CA"}}
    other = Api(operator.call("create_tenant", body).expect(201)["id"])
    before = other.counts()
    for id in (customer["id"], "C1"):
        answer = other.call("request_approval", {"reason": "x"}, path={"id": id}).expect(404)
        assert answer["detail"] == f"There is no document {id}. A document is named by its id here."
    assert other.counts() == before
    assert api.events("approval.requested") == []


def test_without_the_permission_nothing_is_asked(api: Api, customer: Any) -> None:
    answer = api.as_("reader", "workflow.list_*").call("request_approval", {"reason": "x"}, path={"id": customer["id"]})
    assert answer.expect(403)["permission"] == "workflow.request_approval"
    assert api.events("approval.requested") == []
