"""Roles are made of permissions their maker has."""

from typing import Any

import pytest

from tests.platform.callers import bearer
from tests.support.api import Api

BODY = {"code": "collector", "name": "Collector", "permissions": ["receivables.record_payment", "receivables.get_*"]}


@pytest.mark.example
def test_example(example: Any) -> None:
    example(body=BODY).expect(201)


def test_a_role_is_made_and_can_be_given(api: Api) -> None:
    answer = api.call("create_role", BODY).expect(201).json
    identifier = answer.pop("id")
    assert answer == {**BODY, "version": 1}
    (event,) = api.events("role.created")
    assert event["data"] == {"id": identifier, **BODY}
    key = api.call("create_api_key", {"name": "Collections", "roles": ["collector"]}).expect(201)
    assert bearer(key["api_key"]).authorizer["permissions"] == "receivables.get_* receivables.record_payment"


def test_a_code_stands_once(api: Api) -> None:
    api.call("create_role", BODY).expect(201)
    before = api.counts()
    refused = api.call("create_role", BODY | {"name": "Another"}).expect(409)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("role_exists", "/code")
    assert api.counts() == before


@pytest.mark.parametrize(
    ("own", "granted", "excess"),
    [
        ("platform.create_role", ["*"], ["*"]),
        ("platform.create_role receivables.*", ["receivables.*", "ledger.*"], ["ledger.*"]),
        ("platform.create_role receivables.get_*", ["receivables.*"], ["receivables.*"]),
        ("platform.* *.get_*", ["*.list_*"], ["*.list_*"]),
    ],
)
def test_nobody_makes_a_role_that_may_do_more(api: Api, own: str, granted: list[str], excess: list[str]) -> None:
    before = api.counts()
    refused = api.as_("clerk", own).call("create_role", BODY | {"permissions": granted}).expect(403)
    assert (refused["code"], refused["permissions"]) == ("permission_beyond_own", excess)
    assert api.counts() == before


@pytest.mark.parametrize(
    "permission",
    ["receivables", "**", "receivables.[a-z]*", "receivables.?et", "receivables.get invoice", ".", "a.b.c"],
)
def test_what_is_no_permission_is_refused(api: Api, permission: str) -> None:
    before = api.counts()
    refused = api.call("create_role", BODY | {"permissions": ["ledger.*", permission]}).expect(422)
    assert [error["pointer"] for error in refused["errors"]] == ["/permissions/1"]
    assert api.counts() == before


def test_two_tenants_may_use_the_same_code(api: Api, operator: Api) -> None:
    company = {"currency": "USD", "jurisdiction": "US-CA"}
    other = Api(operator.call("create_tenant", {"name": "Other", "company": company}).expect(201)["id"])
    assert api.call("create_role", BODY).expect(201)["id"] != other.call("create_role", BODY).expect(201)["id"]
