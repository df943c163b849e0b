"""Lists of master data: pages, order, and the archived left out unless asked for."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.statements import counted


@pytest.mark.example
def test_example(example_api: Api, example: Any) -> None:
    answer = example(path={"resource": "customers"}, query={"limit": "2"})
    assert [row["code"] for row in answer["data"]] == ["CUST002", "CUST001"]


def page(api: Api, resource: str, expected: int = 200, /, **query: str) -> Any:
    return api.call("list_records", path={"resource": resource}, query=query).expect(expected).json


def codes(api: Api, resource: str, **query: str) -> list[str]:
    return [row["code"] for row in page(api, resource, **query)["data"]]


@pytest.fixture
def suppliers(api: Api) -> Api:
    """A tenant with seven suppliers, made in an order that is not that of their codes."""
    for code in ("S3", "S1", "S7", "S2", "S6", "S5", "S4"):
        api.record("suppliers", code=code, name=f"Supplier {code}", jurisdiction="US", payment_terms="NET30")
    return api


def test_the_newest_first_or_by_code(suppliers: Api) -> None:
    assert codes(suppliers, "suppliers") == ["S4", "S5", "S6", "S2", "S7", "S1", "S3"]
    assert codes(suppliers, "suppliers", sort="code") == ["S1", "S2", "S3", "S4", "S5", "S6", "S7"]
    assert codes(suppliers, "suppliers", sort="-code") == ["S7", "S6", "S5", "S4", "S3", "S2", "S1"]


@pytest.mark.parametrize("sort", [None, "code", "-code"])
def test_pages_are_complete_and_do_not_repeat(suppliers: Api, sort: str | None) -> None:
    query = {"limit": "3"} | ({"sort": sort} if sort else {})
    whole = codes(suppliers, "suppliers", **({"sort": sort} if sort else {}))
    seen: list[str] = []
    while True:
        found = page(suppliers, "suppliers", **query)
        seen += [row["code"] for row in found["data"]]
        if found["next_cursor"] is None:
            break
        query["cursor"] = found["next_cursor"]
    assert seen == whole


def test_archived_records_are_listed_when_asked_for(suppliers: Api) -> None:
    suppliers.call("archive_record", path={"resource": "suppliers", "id": "S2"}).expect(200)
    assert "S2" not in codes(suppliers, "suppliers")
    assert codes(suppliers, "suppliers", status="archived") == ["S2"]
    assert codes(suppliers, "suppliers", status="active", code="S2") == []


def test_one_code_can_be_asked_for(suppliers: Api) -> None:
    assert codes(suppliers, "suppliers", code="S5") == ["S5"]
    assert codes(suppliers, "suppliers", code="S9") == []


def test_a_listed_record_is_the_record(suppliers: Api) -> None:
    (listed,) = page(suppliers, "suppliers", code="S5")["data"]
    assert listed == suppliers.call("get_record", path={"resource": "suppliers", "id": "S5"}).expect(200).json
    assert listed["payment_terms"]["code"] == "NET30"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"name": "x"}, "/name"),
        ({"sort": "name"}, "/sort"),
        ({"cursor": "nonsense"}, "/cursor"),
        ({"limit": "0"}, "/limit"),
        ({"limit": "201"}, "/limit"),
        ({"code[gte]": "S1"}, "/code[gte]"),
    ],
)
def test_what_cannot_be_asked_is_pointed_at(suppliers: Api, query: dict[str, str], pointer: str) -> None:
    problem = page(suppliers, "suppliers", 422, **query)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_an_unknown_resource_is_not_found(api: Api) -> None:
    assert page(api, "vendors", 404)["code"] == "not_found"


def test_another_tenants_records_are_not_listed(suppliers: Api, operator: Api) -> None:
    other = operator.call("create_tenant", {"name": "B", "company": {"currency": "USD", "jurisdiction": "US"}})
    assert page(Api(other.expect(201)["id"]), "suppliers") == {"data": [], "next_cursor": None}


def test_the_permission_is_that_of_the_resource(suppliers: Api) -> None:
    clerk = suppliers.as_("clerk", "records.list_supplier")
    assert len(codes(clerk, "suppliers")) == 7
    page(clerk, "customers", 403)


def test_it_is_read_in_two_statements_however_many_records(suppliers: Api) -> None:
    codes(suppliers, "suppliers")
    for query in ({}, {"limit": "1"}, {"sort": "code", "limit": "200"}):
        _, sent = counted(lambda query=query: codes(suppliers, "suppliers", **query))
        assert len(sent) == 2
