"""Keys are made with roles, told once, and never reach further than their maker."""

from typing import Any

import pytest

from bigledger.platform.secrets import digest, tenant_of
from tests.platform.callers import bearer, stored_texts
from tests.support.api import Api


@pytest.mark.example
def test_example(example: Any) -> None:
    example(body={"name": "Web shop", "roles": ["sales"], "mode": "test"}).expect(201)


@pytest.mark.example
def test_example_of_a_key_beyond_its_makers_permissions(example: Any, example_api: Any) -> None:
    clerk = example_api.as_("clerk", "platform.create_api_key")
    example(body={"name": "Mine", "roles": ["admin"]}, by=clerk).expect(403)


def test_the_answer_tells_the_key_and_its_secret(api: Api) -> None:
    body = {"name": "Web shop", "roles": ["sales"], "expires_at": "2027-01-31T00:00:00Z"}
    answer = api.call("create_api_key", body).expect(201)
    secret = answer["api_key"]
    assert secret.startswith("blg_live_")
    assert len(secret) == len("blg_live_") + 64
    assert answer.headers["ETag"] == '"1"'
    assert {name: answer[name] for name in answer.json if name not in {"id", "created_at"}} == {
        "name": "Web shop",
        "mode": "live",
        "prefix": secret[:15],
        "roles": ["sales"],
        "status": "active",
        "expires_at": "2027-01-31T00:00:00Z",
        "version": 1,
        "api_key": secret,
    }
    assert str(tenant_of(secret)) == api.tenant_id


def test_a_test_key_is_marked_and_works_alike(api: Api) -> None:
    secret = api.call("create_api_key", {"name": "Trial", "roles": ["admin"], "mode": "test"}).expect(201)["api_key"]
    assert secret.startswith("blg_test_")
    assert bearer(secret).call("list_api_keys").expect(200).status == 200


def test_roles_may_be_named_by_id_and_stand_once(api: Api) -> None:
    (role,) = api.rows("SELECT id FROM kernel.document WHERE type = 'role' AND number = 'sales'")
    answer = api.call("create_api_key", {"name": "Shop", "roles": [str(role.id), "sales", "warehouse"]}).expect(201)
    assert answer["roles"] == ["sales", "warehouse"]


def test_an_applets_key_acts_as_the_applet(api: Api) -> None:
    body = {"name": "Custom approval", "roles": ["admin"], "applet": "acme.custom_approval"}
    secret = api.call("create_api_key", body).expect(201)["api_key"]
    caller = bearer(secret)
    assert caller.authorizer["actor_kind"] == "applet"
    caller.record("customers", code="C1", name="Cove", jurisdiction="US-CA")
    (event,) = api.events("customer.created")
    assert event["actorkind"] == "applet"


def test_a_repeated_request_makes_one_key_and_does_not_tell_it_again(api: Api) -> None:
    body, headers = {"name": "Web shop", "roles": ["sales"]}, {"Idempotency-Key": "shop-1"}
    first = api.call("create_api_key", body, headers=headers).expect(201)
    again = api.call("create_api_key", body, headers=headers).expect(201)
    assert again.json == {name: value for name, value in first.json.items() if name != "api_key"}
    assert len(api.events("api_key.created")) == 1


def test_the_secret_is_neither_stored_nor_logged(api: Api, log_lines: list[str]) -> None:
    secret = api.call(
        "create_api_key", {"name": "Web shop", "roles": ["sales"]}, headers={"Idempotency-Key": "shop-2"}
    ).expect(201)["api_key"]
    bearer(secret).call("verify_auth").expect(200)
    stored = stored_texts(api)
    assert secret not in stored
    assert digest(secret) in stored
    assert len(log_lines) == 3
    assert not any(secret in line for line in log_lines)


def test_a_dry_run_makes_no_key_and_tells_none(api: Api) -> None:
    before = api.counts()
    answer = api.call("create_api_key", {"name": "Shop", "roles": ["sales"]}, query={"dry_run": "true"}).expect(200)
    assert "api_key" not in answer.json
    assert [event["type"] for event in answer["dry_run"]["events"]] == ["api_key.created"]
    assert api.counts() == before


@pytest.mark.parametrize(
    ("permissions", "role", "excess"),
    [
        ("platform.create_api_key", "admin", ["*"]),
        ("platform.* inventory.*", "warehouse", ["imports.execute_bulk", "records.get_*", "records.list_*"]),
        ("platform.* *.get_*", "read_only", ["*.list_*", "tax.quote_tax"]),
    ],
)
def test_nobody_makes_a_key_that_may_do_more(api: Api, permissions: str, role: str, excess: list[str]) -> None:
    before = api.counts()
    refused = api.as_("clerk", permissions).call("create_api_key", {"name": "Mine", "roles": [role]}).expect(403)
    assert refused["code"] == "permission_beyond_own"
    assert refused["permissions"] == excess
    assert refused["errors"][0]["pointer"] == "/roles"
    assert api.counts() == before


def test_one_may_give_what_one_has(api: Api) -> None:
    clerk = api.as_("clerk", "platform.create_api_key imports.* inventory.* records.*")
    clerk.call("create_api_key", {"name": "Scanner", "roles": ["warehouse"]}).expect(201)


def test_roles_that_do_not_exist_are_all_pointed_at(api: Api) -> None:
    before = api.counts()
    refused = api.call("create_api_key", {"name": "X", "roles": ["nobody", "sales", "nothing"]}).expect(422)
    assert refused["code"] == "unknown_reference"
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [
        ("/roles/0", "unknown_role"),
        ("/roles/2", "unknown_role"),
    ]
    assert api.counts() == before


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"expires_at": "2026-11-22T00:00:00Z"}, "/expires_at"),
        ({"expires_at": "2027-01-01T00:00:00"}, "/expires_at"),
        ({"mode": "production"}, "/mode"),
        ({"roles": []}, "/roles"),
        ({"secret": "blg_live_mine"}, "/secret"),
    ],
)
def test_faulty_fields_are_pointed_at(api: Api, fields: dict[str, Any], pointer: str) -> None:
    before = api.counts()
    refused = api.call("create_api_key", {"name": "Shop", "roles": ["sales"]} | fields).expect(422)
    assert [error["pointer"] for error in refused["errors"]] == [pointer]
    assert api.counts() == before
