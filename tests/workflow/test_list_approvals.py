"""The list of what waits for a decision."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.shop import Shop
from tests.workflow.claims import Claims


@pytest.mark.example
def test_example(example: Any, shop: Shop) -> None:
    shop.api.record("approval-rules", code="BIG", name="Above 10,000", condition="document.total > 10000")
    invoice = shop.invoice(items=[{"product": "PROD001", "quantity": 90}])
    answer = example()
    (waiting,) = answer.expect(200)["data"]
    assert waiting["document"] == {"type": "invoice", "id": invoice["id"]}
    assert waiting["rules"] == [{"code": "BIG", "name": "Above 10,000", "reason": "document.total > 10000"}]


def test_pending_approvals_are_listed_newest_first(claims: Claims) -> None:
    first, second, third = (claims.submit(str(total)) for total in (1, 2, 3))
    claims.decide(second, "approve").expect(200)
    answer = claims.api.call("list_approvals").expect(200)
    assert [approval["id"] for approval in answer["data"]] == [third["id"], first["id"]]
    assert answer["data"][0] == third
    approved = claims.api.call("list_approvals", query={"status": "approved"}).expect(200)
    assert [approval["id"] for approval in approved["data"]] == [second["id"]]
    assert approved["data"][0]["document"]["number"] == "CLAIM-1"


def test_pages_follow_one_another(claims: Claims) -> None:
    made = [claims.submit(str(total))["id"] for total in (1, 2, 3)]
    page = claims.api.call("list_approvals", query={"limit": "2"}).expect(200)
    rest = claims.api.call("list_approvals", query={"limit": "2", "cursor": page["next_cursor"]}).expect(200)
    listed = [approval["id"] for approval in [*page["data"], *rest["data"]]]
    assert listed == made[::-1]
    assert rest["next_cursor"] is None


def test_approvals_of_a_customers_documents(api: Api) -> None:
    api.record("customers", code="C1", name="One", jurisdiction="US")
    answer = api.call("list_approvals", query={"customer": "C1"}).expect(200)
    assert answer["data"] == []


def test_a_filter_that_is_not_there_is_refused(api: Api) -> None:
    answer = api.call("list_approvals", query={"reason": "x"}).expect(422)
    assert answer["errors"] == [
        {"pointer": "/reason", "code": "unknown_filter", "message": "this list can be filtered by customer, status"}
    ]


def test_another_tenant_sees_none_of_them(claims: Claims, operator: Api) -> None:
    claims.submit("1")
    body = {"name": "Other", "company": {"currency": "USD", "jurisdiction": "US-CA"}}
    other = Api(operator.call("create_tenant", body).expect(201)["id"])
    assert other.call("list_approvals").expect(200)["data"] == []


def test_without_the_permission_nothing_is_listed(claims: Claims) -> None:
    answer = claims.api.as_("clerk", "receivables.*").call("list_approvals").expect(403)
    assert answer["permission"] == "workflow.list_approvals"
