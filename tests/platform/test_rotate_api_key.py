"""Rotation: the same key with a new secret; the old secret stops at once, even where the gateway remembers it."""

from typing import Any

import pytest

from tests.platform.callers import authorize, bearer
from tests.support.api import Api


@pytest.fixture
def key(api: Api) -> Any:
    """A key of the warehouse."""
    return api.call("create_api_key", {"name": "Scanner", "roles": ["warehouse"], "mode": "test"}).expect(201).json


@pytest.mark.example
def test_example(example: Any, example_api: Any) -> None:
    made = example_api.call("create_api_key", {"name": "Scanner", "roles": ["warehouse"], "mode": "test"})
    example(path={"id": made.json["id"]}).expect(200)


def test_the_new_secret_works_and_the_old_one_does_not(api: Api, key: Any) -> None:
    remembered = bearer(key["api_key"])
    remembered.call("verify_auth").expect(200)
    answer = api.call("rotate_api_key", path={"id": key["id"]}).expect(200).json
    assert (answer["id"], answer["version"], answer["mode"]) == (key["id"], 2, "test")
    assert answer["api_key"] != key["api_key"]
    assert answer["prefix"] == answer["api_key"][:15]

    assert authorize(f"Bearer {key['api_key']}") == {"problem": "This API key was rotated. Use its new secret."}
    refused = bearer(key["api_key"]).call("verify_auth").expect(401)
    assert (refused["code"], refused["detail"]) == ("unauthenticated", "This API key was rotated. Use its new secret.")
    stale = remembered.call("verify_auth").expect(401)
    assert stale["detail"] == "This key was revoked or changed, or has expired. Use the present one."

    now = bearer(answer["api_key"])
    assert now.call("verify_auth").expect(200)["actor"] == {"id": key["id"], "kind": "api_key", "name": "Scanner"}
    (event,) = api.events("api_key.rotated")
    assert event["data"] == {"id": key["id"], "name": "Scanner", "prefix": answer["prefix"]}


def test_a_stale_caller_changes_nothing(api: Api, key: Any) -> None:
    remembered = bearer(api.call("rotate_api_key", path={"id": key["id"]}).expect(200)["api_key"])
    api.call("rotate_api_key", path={"id": key["id"]}).expect(200)
    before = api.counts()
    body = {"code": "C1", "name": "Cove", "jurisdiction": "US-CA"}
    remembered.call("create_record", body, path={"resource": "customers"}).expect(401)
    assert api.counts() == before


def test_it_can_be_rotated_again_under_the_same_id(api: Api, key: Any) -> None:
    first = api.call("rotate_api_key", path={"id": key["id"]}).expect(200)["api_key"]
    second = api.call("rotate_api_key", path={"id": key["id"]}).expect(200)["api_key"]
    assert "problem" in authorize(f"Bearer {first}")
    assert authorize(f"Bearer {second}")["actor_version"] == "3"


def test_a_role_assigned_to_the_key_stays_with_it(api: Api, key: Any) -> None:
    api.call("assign_role", {"role": "approver", "api_key": key["id"]}).expect(201)
    rotated = api.call("rotate_api_key", path={"id": key["id"]}).expect(200)
    assert bearer(rotated["api_key"]).authorizer["roles"] == "approver warehouse"


def test_a_repeated_request_rotates_once(api: Api, key: Any) -> None:
    headers = {"Idempotency-Key": "rotate-1"}
    first = api.call("rotate_api_key", path={"id": key["id"]}, headers=headers).expect(200)
    again = api.call("rotate_api_key", path={"id": key["id"]}, headers=headers).expect(200)
    assert again.json == {name: value for name, value in first.json.items() if name != "api_key"}
    bearer(first["api_key"]).call("verify_auth").expect(200)


def test_a_dry_run_leaves_the_old_secret_working(api: Api, key: Any) -> None:
    answer = api.call("rotate_api_key", path={"id": key["id"]}, query={"dry_run": "true"}).expect(200)
    assert "api_key" not in answer.json
    bearer(key["api_key"]).call("verify_auth").expect(200)


def test_nobody_learns_the_secret_of_a_key_that_may_do_more(api: Api) -> None:
    (first,) = api.call("list_api_keys").expect(200)["data"]
    clerk = api.as_("clerk", "platform.rotate_api_key inventory.*")
    before = api.rows("SELECT id, version, status FROM kernel.document ORDER BY id")
    refused = clerk.call("rotate_api_key", path={"id": first["id"]}).expect(403)
    assert (refused["code"], refused["permissions"]) == ("permission_beyond_own", ["*"])
    assert "api_key" not in refused.json
    assert api.rows("SELECT id, version, status FROM kernel.document ORDER BY id") == before


def test_a_role_assigned_to_the_key_counts_as_what_it_may_do(api: Api, key: Any) -> None:
    api.call("assign_role", {"role": "admin", "api_key": key["id"]}).expect(201)
    clerk = api.as_("clerk", "platform.rotate_api_key imports.* inventory.* records.*")
    refused = clerk.call("rotate_api_key", path={"id": key["id"]}).expect(403)
    assert refused["permissions"] == ["*"]


def test_a_revoked_key_is_not_rotated(api: Api, key: Any) -> None:
    api.call("revoke_api_key", path={"id": key["id"]}).expect(200)
    refused = api.call("rotate_api_key", path={"id": key["id"]}).expect(409)
    assert refused["document_status"] == "revoked"
    assert "problem" in authorize(f"Bearer {key['api_key']}")


def test_an_older_version_is_refused(api: Api, key: Any) -> None:
    api.call("rotate_api_key", path={"id": key["id"]}).expect(200)
    refused = api.call("rotate_api_key", path={"id": key["id"]}, headers={"If-Match": '"1"'}).expect(412)
    assert refused["code"] == "stale_version"


def test_another_tenants_key_is_not_found_and_keeps_working(api: Api, key: Any, operator: Api) -> None:
    company = {"currency": "USD", "jurisdiction": "US-CA"}
    other = operator.call("create_tenant", {"name": "Other", "company": company}).expect(201)
    assert bearer(other["api_key"]).call("rotate_api_key", path={"id": key["id"]}).expect(404)["code"] == "not_found"
    bearer(key["api_key"]).call("verify_auth").expect(200)
