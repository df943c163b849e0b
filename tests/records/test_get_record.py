"""Reading master data: by id or code, archived or not, of one's own tenant only."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.statements import counted


@pytest.mark.example
def test_example(example_api: Api, example: Any) -> None:
    assert example(path={"resource": "customers", "id": "CUST001"})["name"] == "Lighthouse Books"


def get(api: Api, resource: str, reference: str, status: int = 200) -> Any:
    return api.call("get_record", path={"resource": resource, "id": reference}).expect(status)


@pytest.fixture
def customer(api: Api) -> Any:
    return api.record("customers", code="CUST001", name="Lighthouse Books", jurisdiction="US-CA", payment_terms="NET30")


def test_by_id_and_by_code_as_it_was_answered_when_it_was_made(api: Api, customer: Any) -> None:
    by_code = get(api, "customers", "CUST001")
    assert by_code.json == customer
    assert get(api, "customers", customer["id"]).json == customer
    assert get(api, "customers", customer["id"].upper()).json == customer
    assert by_code.headers["ETag"] == '"1"'


def test_what_it_refers_to_stands_with_id_code_and_name(api: Api, customer: Any) -> None:
    terms = get(api, "payment-terms", "NET30")
    assert get(api, "customers", "CUST001")["payment_terms"] == {
        "id": terms["id"],
        "code": "NET30",
        "name": "30 days",
    }


def test_every_resource_of_a_new_tenant_can_be_read(api: Api) -> None:
    made = {"companies": "MAIN", "accounts": "1200", "units": "EA", "locations": "MAIN", "payment-terms": "NET30",
            "number-series": "INVOICE", "fiscal-years": "FY2026"}  # fmt: skip
    for resource, code in made.items():
        assert get(api, resource, code)["code"] == code


def test_an_archived_record_is_still_read(api: Api, customer: Any) -> None:
    api.call("archive_record", path={"resource": "customers", "id": "CUST001"}).expect(200)
    read = get(api, "customers", "CUST001")
    assert (read["status"], read["name"], read["version"]) == ("archived", "Lighthouse Books", 2)


@pytest.mark.parametrize(
    "reference", ["NOBODY", "00000000-0000-7000-8000-000000000000", "' OR 1=1 --", "cust001", "NET30"]
)
def test_what_does_not_exist_is_not_found(api: Api, customer: Any, reference: str) -> None:
    assert get(api, "customers", reference, 404)["code"] == "not_found"


def test_a_record_is_found_under_its_own_resource_only(api: Api, customer: Any) -> None:
    get(api, "suppliers", customer["id"], 404)
    get(api, "suppliers", "CUST001", 404)


def test_an_unknown_resource_is_not_found_and_the_others_are_named(api: Api) -> None:
    problem = get(api, "clients", "X", 404)
    assert "customers" in problem["detail"]


def test_another_tenants_id_is_not_found(api: Api, customer: Any, operator: Api) -> None:
    other = operator.call("create_tenant", {"name": "B", "company": {"currency": "USD", "jurisdiction": "US"}})
    stranger = Api(other.expect(201)["id"])
    get(stranger, "customers", customer["id"], 404)
    get(stranger, "customers", "CUST001", 404)


def test_the_permission_is_that_of_the_resource(api: Api, customer: Any) -> None:
    clerk = api.as_("clerk", "records.get_customer")
    assert get(clerk, "customers", "CUST001").json == customer
    get(clerk, "accounts", "1200", 403)


def test_it_is_read_in_two_statements(api: Api, customer: Any) -> None:
    get(api, "customers", "CUST001")
    _, sent = counted(lambda: get(api, "customers", "CUST001"))
    assert len(sent) == 2
