"""Roles in the hands of users and keys, for good or until an instant."""

from datetime import timedelta
from typing import Any

import pytest

from bigledger.kernel.clock import Clock
from tests.platform.callers import bearer
from tests.platform.conftest import UserPool, later
from tests.support.api import Api


@pytest.mark.example
def test_example(example: Any) -> None:
    example(body={"role": "approver", "user": "3f0c1c2e-user", "expires_at": "2026-12-31T23:59:59Z"}).expect(201)


def test_a_user_holds_an_assigned_role_beside_their_groups(api: Api, pool: UserPool) -> None:
    token = pool.token(custom__tenant_id=str(api.tenant_id), cognito__groups=["warehouse"])
    assert bearer(token).authorizer["roles"] == "warehouse"
    answer = api.call("assign_role", {"role": "approver", "user": "3f0c1c2e-user"}).expect(201).json
    identifier = answer.pop("id")
    assert answer == {"role": "approver", "user": "3f0c1c2e-user", "version": 1}
    assert bearer(token).authorizer["roles"] == "approver warehouse"
    (event,) = api.events("role.assigned")
    assert event["data"] == {"id": identifier, "role": "approver", "user": "3f0c1c2e-user"}


def test_a_key_holds_an_assigned_role_until_it_expires(api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    key = api.call("create_api_key", {"name": "Scanner", "roles": ["warehouse"]}).expect(201)
    body = {"role": "approver", "api_key": key["id"], "expires_at": "2026-11-24T09:00:00Z"}
    assert api.call("assign_role", body).expect(201)["expires_at"] == "2026-11-24T09:00:00Z"
    assert bearer(key["api_key"]).authorizer["roles"] == "approver warehouse"
    later(clock, monkeypatch, timedelta(days=1))
    assert bearer(key["api_key"]).authorizer["roles"] == "warehouse"


def test_giving_it_again_replaces_the_expiry(api: Api) -> None:
    first = api.call("assign_role", {"role": "approver", "user": "ada", "expires_at": "2026-11-24T00:00:00Z"})
    again = api.call("assign_role", {"role": "approver", "user": "ada"}).expect(201)
    assert (again["id"], again["version"]) == (first.expect(201)["id"], 2)
    assert "expires_at" not in again.json
    (row,) = api.rows("SELECT count(*) AS n FROM kernel.document WHERE type = 'role_assignment'")
    assert row.n == 1


def test_a_user_and_a_key_of_the_same_text_are_not_confused(api: Api, pool: UserPool) -> None:
    key = api.call("create_api_key", {"name": "Scanner", "roles": ["warehouse"]}).expect(201)
    api.call("assign_role", {"role": "admin", "api_key": key["id"]}).expect(201)
    token = pool.token(custom__tenant_id=str(api.tenant_id), sub=key["id"])
    assert bearer(token).authorizer["permissions"] == ""


def test_a_role_may_be_named_by_its_id(api: Api) -> None:
    (role,) = api.rows("SELECT id FROM kernel.document WHERE type = 'role' AND number = 'approver'")
    assert api.call("assign_role", {"role": str(role.id), "user": "ada"}).expect(201)["role"] == "approver"


def test_nobody_gives_a_role_that_may_do_more(api: Api) -> None:
    before = api.counts()
    clerk = api.as_("clerk", "platform.assign_role workflow.*")
    refused = clerk.call("assign_role", {"role": "admin", "user": "clerk"}).expect(403)
    assert (refused["code"], refused["permissions"]) == ("permission_beyond_own", ["*"])
    assert refused["errors"][0]["pointer"] == "/role"
    assert api.counts() == before


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"role": "nobody", "user": "ada"}, "unknown_reference", "/role"),
        ({"role": "sales", "api_key": "018f0000-0000-7000-8000-000000000000"}, "unknown_reference", "/api_key"),
        ({"role": "sales"}, "invalid_request", ""),
        ({"role": "sales", "user": "ada", "api_key": "018f0000-0000-7000-8000-000000000000"}, "invalid_request", ""),
        ({"role": "sales", "user": "ada lovelace"}, "invalid_request", "/user"),
        ({"role": "sales", "user": "ada", "expires_at": "2026-11-23T08:00:00Z"}, "invalid_request", "/expires_at"),
    ],
)
def test_faulty_assignments_are_pointed_at(api: Api, body: dict[str, Any], code: str, pointer: str) -> None:
    before = api.counts()
    refused = api.call("assign_role", body).expect(422)
    assert (refused["code"], [error["pointer"] for error in refused["errors"]]) == (code, [pointer])
    assert api.counts() == before


def test_a_revoked_key_and_another_tenants_key_are_unknown(api: Api, operator: Api) -> None:
    key = api.call("create_api_key", {"name": "Scanner", "roles": ["warehouse"]}).expect(201)
    company = {"currency": "USD", "jurisdiction": "US-CA"}
    other = Api(operator.call("create_tenant", {"name": "Other", "company": company}).expect(201)["id"])
    before = other.counts()
    refused = other.call("assign_role", {"role": "approver", "api_key": key["id"]}).expect(422)
    assert refused["errors"][0]["code"] == "unknown_api_key"
    assert other.counts() == before
    api.call("revoke_api_key", path={"id": key["id"]}).expect(200)
    api.call("assign_role", {"role": "approver", "api_key": key["id"]}).expect(422)
