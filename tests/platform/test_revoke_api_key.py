"""A revoked key stops at once and for good."""

from typing import Any

import pytest

from tests.platform.callers import authorize, bearer
from tests.support.api import Api


@pytest.fixture
def key(api: Api) -> Any:
    """A key that may do anything."""
    return api.call("create_api_key", {"name": "Old laptop", "roles": ["admin"]}).expect(201).json


@pytest.mark.example
def test_example(example: Any, example_api: Any) -> None:
    made = example_api.call("create_api_key", {"name": "Old laptop", "roles": ["sales"], "mode": "test"})
    example(path={"id": made.json["id"]}).expect(200)


def test_it_stops_at_once_even_where_the_gateway_remembers_it(api: Api, key: Any) -> None:
    remembered = bearer(key["api_key"])
    remembered.call("verify_auth").expect(200)
    answer = api.call("revoke_api_key", path={"id": key["id"]}).expect(200)
    assert (answer["status"], answer["version"]) == ("revoked", 2)
    assert "api_key" not in answer.json
    before = api.counts()
    body = {"code": "C1", "name": "Cove", "jurisdiction": "US-CA"}
    refused = remembered.call("create_record", body, path={"resource": "customers"}).expect(401)
    assert refused["code"] == "unauthenticated"
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert api.counts() == before
    problem = "This API key was revoked. Ask an administrator for another."
    assert authorize(f"Bearer {key['api_key']}") == {"problem": problem}
    (event,) = api.events("api_key.revoked")
    assert event["data"] == {"id": key["id"], "name": "Old laptop", "prefix": key["prefix"]}


def test_revoking_twice_changes_nothing(api: Api, key: Any) -> None:
    first = api.call("revoke_api_key", path={"id": key["id"]}).expect(200).json
    assert api.call("revoke_api_key", path={"id": key["id"]}).expect(200).json == first
    assert len(api.events("api_key.revoked")) == 1


def test_an_older_version_is_refused(api: Api, key: Any) -> None:
    refused = api.call("revoke_api_key", path={"id": key["id"]}, headers={"If-Match": '"7"'}).expect(412)
    assert refused["version"] == 1
    bearer(key["api_key"]).call("verify_auth").expect(200)


def test_another_tenants_key_is_not_found_and_keeps_working(api: Api, key: Any, operator: Api) -> None:
    company = {"currency": "USD", "jurisdiction": "US-CA"}
    other = operator.call("create_tenant", {"name": "Other", "company": company}).expect(201)
    assert bearer(other["api_key"]).call("revoke_api_key", path={"id": key["id"]}).expect(404)["code"] == "not_found"
    bearer(key["api_key"]).call("verify_auth").expect(200)


def test_the_permission_is_needed(api: Api, key: Any) -> None:
    refused = api.as_("clerk", "platform.list_api_keys").call("revoke_api_key", path={"id": key["id"]}).expect(403)
    assert refused["permission"] == "platform.revoke_api_key"
    bearer(key["api_key"]).call("verify_auth").expect(200)
