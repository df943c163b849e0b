"""A tenant's key reads its own tenant; the operator reads any."""

from typing import Any

import pytest

from tests.support.api import Api


@pytest.mark.example
def test_example(example: Any, example_api: Any) -> None:
    example(path={"id": str(example_api.tenant_id)}).expect(200)


def test_a_tenant_reads_itself_with_its_companies(api: Api) -> None:
    answer = api.call("get_tenant", path={"id": str(api.tenant_id)}).expect(200).json
    (company,) = answer.pop("companies")
    assert (company["code"], company["name"]) == ("MAIN", "Test")
    created_at = answer.pop("created_at")
    assert created_at.startswith("2026-11-23T09:00:00")
    assert answer == {"id": str(api.tenant_id), "name": "Test", "status": "active", "api_version": "2026-11-23"}


def test_another_tenant_is_not_found(api: Api, operator: Api) -> None:
    company = {"currency": "USD", "jurisdiction": "US-CA"}
    other = operator.call("create_tenant", {"name": "Other", "company": company}).expect(201)["id"]
    refused = api.call("get_tenant", path={"id": other}).expect(404)
    assert refused["code"] == "not_found"
    assert "Other" not in refused.text


def test_the_operator_reads_any_tenant(api: Api, operator: Api) -> None:
    assert operator.call("get_tenant", path={"id": str(api.tenant_id)}).expect(200)["name"] == "Test"


def test_the_operator_learns_that_there_is_no_such_tenant(operator: Api) -> None:
    missing = "018f0000-0000-7000-8000-000000000000"
    assert operator.call("get_tenant", path={"id": missing}).expect(404)["code"] == "not_found"


@pytest.mark.parametrize("id", ["MAIN", "1", "018f0000-0000-7000-8000-00000000000z"])
def test_what_is_no_id_is_refused(operator: Api, id: str) -> None:
    refused = operator.call("get_tenant", path={"id": id}).expect(422)
    assert [error["pointer"] for error in refused["errors"]] == ["/id"]


def test_the_permission_is_needed(api: Api) -> None:
    refused = api.as_("clerk", "receivables.*").call("get_tenant", path={"id": str(api.tenant_id)}).expect(403)
    assert refused["permission"] == "platform.get_tenant"


def test_the_operator_reads_nothing_else_of_a_tenant(api: Api) -> None:
    """Its key belongs to no tenant, whatever permissions it claims."""
    everything = Api(None, "operator", "operator", "*")
    assert everything.call("list_api_keys").expect(403)["code"] == "forbidden"
    assert everything.call("verify_auth").expect(403)["code"] == "forbidden"
