"""The list of keys tells everything but the secrets."""

from typing import Any

import pytest

from tests.support.api import Api


@pytest.mark.example
def test_example(example: Any) -> None:
    example().expect(200)


def test_keys_are_listed_newest_first_without_secrets(api: Api) -> None:
    made = api.call("create_api_key", {"name": "Web shop", "roles": ["sales"]}).expect(201).json
    answer = api.call("list_api_keys").expect(200)
    assert [(key["name"], key["status"], key["roles"]) for key in answer["data"]] == [
        ("Web shop", "active", ["sales"]),
        ("First key", "active", ["admin"]),
    ]
    assert answer["data"][0] == {name: value for name, value in made.items() if name != "api_key"}
    assert made["api_key"] not in answer.text
    assert "secret" not in answer.text


def test_revoked_keys_stay_in_the_list_and_can_be_left_out(api: Api) -> None:
    made = api.call("create_api_key", {"name": "Web shop", "roles": ["sales"]}).expect(201)
    api.call("revoke_api_key", path={"id": made["id"]}).expect(200)
    assert [key["status"] for key in api.call("list_api_keys").expect(200)["data"]] == ["revoked", "active"]
    active = api.call("list_api_keys", query={"status": "active"}).expect(200)["data"]
    assert [key["name"] for key in active] == ["First key"]


def test_pages_follow_one_another(api: Api) -> None:
    for number in range(3):
        api.call("create_api_key", {"name": f"Key {number}", "roles": ["sales"]}).expect(201)
    first = api.call("list_api_keys", query={"limit": "3"}).expect(200)
    assert [key["name"] for key in first["data"]] == ["Key 2", "Key 1", "Key 0"]
    rest = api.call("list_api_keys", query={"limit": "3", "cursor": first["next_cursor"]}).expect(200)
    assert [key["name"] for key in rest["data"]] == ["First key"]
    assert rest["next_cursor"] is None


def test_another_tenants_keys_are_not_listed(api: Api, operator: Api) -> None:
    company = {"currency": "USD", "jurisdiction": "US-CA"}
    other = Api(operator.call("create_tenant", {"name": "Other", "company": company}).expect(201)["id"])
    other.call("create_api_key", {"name": "Theirs", "roles": ["sales"]}).expect(201)
    assert [key["name"] for key in api.call("list_api_keys").expect(200)["data"]] == ["First key"]


def test_the_permission_is_needed(api: Api) -> None:
    refused = api.as_("clerk", "receivables.*").call("list_api_keys").expect(403)
    assert refused["permission"] == "platform.list_api_keys"
