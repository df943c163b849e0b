"""Changing master data: the fields given, at the version that was read, told with what they were before."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.shop import Shop


@pytest.mark.example
def test_example(example_api: Api, example: Any) -> None:
    answer = example(
        path={"resource": "customers", "id": "CUST001"}, body={"credit_limit": "75000.00"}, headers={"If-Match": '"1"'}
    )
    assert (answer.status, answer["credit_limit"], answer["version"]) == (200, "75000.00", 2)


@pytest.fixture
def customer(api: Api) -> Any:
    return api.record(
        "customers", code="C1", name="Lighthouse Books", jurisdiction="US-CA", payment_terms="NET30",
        email="books@example.com", credit_limit="50000.00",
    )  # fmt: skip


def update(api: Api, expected: int = 200, /, *, id: str = "C1", resource: str = "customers", read: int | None = 1,
           **fields: Any) -> Any:  # fmt: skip
    """Change a record at the version that was read; without one no If-Match is sent."""
    headers = {} if read is None else {"If-Match": f'"{read}"'}
    return api.call("update_record", fields, path={"resource": resource, "id": id}, headers=headers).expect(expected)


def read(api: Api, id: str = "C1", resource: str = "customers") -> Any:
    return api.call("get_record", path={"resource": resource, "id": id}).expect(200).json


def test_the_given_fields_are_replaced_and_the_others_stay(api: Api, customer: Any) -> None:
    answer = update(api, name="Lighthouse Books Ltd", credit_limit="60000.00")
    assert answer.headers["ETag"] == '"2"'
    assert answer.json == {
        **customer,
        "name": "Lighthouse Books Ltd",
        "credit_limit": "60000.00",
        "version": 2,
        "updated_at": answer["updated_at"],
    }
    assert read(api) == answer.json
    assert answer["updated_at"] > customer["updated_at"]


def test_the_event_tells_what_each_field_was_and_is(api: Api, customer: Any) -> None:
    update(api, name="Lighthouse Books Ltd", email=None, phone="+1 415 555 0100", payment_terms="NET60")
    (event,) = api.events("customer.updated")
    assert event["subject"] == f"customer/{customer['id']}"
    assert (event["sequence"], event["actorid"]) == (2, "tester")
    assert event["data"]["changes"] == {
        "email": {"before": "books@example.com"},
        "name": {"before": "Lighthouse Books", "after": "Lighthouse Books Ltd"},
        "payment_terms": {"before": "NET30", "after": "NET60"},
        "phone": {"after": "+1 415 555 0100"},
    }
    assert event["data"]["data"]["name"] == "Lighthouse Books Ltd"
    assert "email" not in event["data"]["data"]


def test_null_removes_an_optional_field_and_not_a_required_one(api: Api, customer: Any) -> None:
    assert "email" not in update(api, email=None).json
    problem = update(api, 422, read=2, name=None)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [("/name", "required")]


def test_a_code_does_not_change(api: Api, customer: Any) -> None:
    before = api.counts()
    problem = update(api, 422, code="C2")
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [("/code", "immutable")]
    assert update(api, code="C1", name="Same code").json["code"] == "C1"
    assert api.counts() == {**before, "kernel.event": before["kernel.event"] + 1,
                            "kernel.outbox": before["kernel.outbox"] + 1}  # fmt: skip


def test_an_old_version_is_refused(api: Api, customer: Any) -> None:
    update(api, name="First")
    before = api.counts()
    problem = update(api, 412, read=1, name="Second")
    assert (problem["code"], problem["version"]) == ("stale_version", 2)
    assert read(api)["name"] == "First"
    assert api.counts() == before


def test_a_change_without_a_version_is_refused(api: Api, customer: Any) -> None:
    before = api.counts()
    assert update(api, 428, read=None, name="x")["code"] == "precondition_missing"
    assert read(api) == customer
    assert api.counts() == before


def test_a_change_of_nothing_tells_nothing(api: Api, customer: Any) -> None:
    before = api.counts()
    assert update(api, name="Lighthouse Books").json == customer
    assert api.counts() == before


def test_faulty_fields_and_references_are_pointed_at_and_nothing_changes(api: Api, customer: Any) -> None:
    before = api.counts()
    problem = update(api, 422, jurisdiction="California", credit_limit=1.5, nickname="Books")
    assert [error["pointer"] for error in problem["errors"]] == ["/jurisdiction", "/credit_limit", "/nickname"]
    problem = update(api, 422, payment_terms="NEVER", price_list="NONE")
    assert [error["pointer"] for error in problem["errors"]] == ["/payment_terms", "/price_list"]
    assert read(api) == customer
    assert api.counts() == before


@pytest.mark.parametrize("field", ["version", "created_at"])
def test_identity_and_state_are_not_fields(api: Api, customer: Any, field: str) -> None:
    problem = update(api, 422, **{field: customer[field]})
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(f"/{field}", "unknown_field")]


def test_an_archived_record_is_taken_into_use_again_only_when_that_is_asked_for(api: Api, customer: Any) -> None:
    api.call("archive_record", path={"resource": "customers", "id": "C1"}).expect(200)
    before = api.counts()
    problem = update(api, 409, read=2, name="Lighthouse Books")
    assert (problem["code"], problem["document_status"]) == ("conflict", "archived")
    assert problem["detail"] == "Customer C1 is archived. Send status active to take it into use again."
    assert api.counts() == before
    answer = update(api, read=2, status="active", change_reason="They buy again")
    assert (answer["status"], answer["version"]) == ("active", 3)
    (event,) = api.events("customer.updated")
    assert event["data"]["changes"] == {"status": {"before": "archived", "after": "active"}}
    assert event["data"]["change_reason"] == "They buy again"


@pytest.mark.parametrize("status", ["archived", "closed", 1])
def test_a_change_archives_nothing(api: Api, customer: Any, status: object) -> None:
    assert [error["pointer"] for error in update(api, 422, status=status)["errors"]] == ["/status"]
    assert read(api) == customer


def test_another_tenants_record_is_not_found_and_stays(api: Api, customer: Any, operator: Api) -> None:
    other = operator.call("create_tenant", {"name": "B", "company": {"currency": "USD", "jurisdiction": "US"}})
    stranger = Api(other.expect(201)["id"])
    update(stranger, 404, id=customer["id"], name="Mine now")
    assert read(api) == customer


def test_the_permission_is_that_of_the_resource(api: Api, customer: Any) -> None:
    update(api.as_("clerk", "records.update_supplier records.get_customer"), 403, name="x")
    assert read(api) == customer


def test_changed_set_up_counts_from_the_next_request_on(shop: Shop) -> None:
    """The set-up is kept in memory by each worker; a change makes them all read it again."""
    assert shop.invoice()["tax_total"] == "87.00"
    rates = [{"rate": "0.06", "valid_from": "2020-01-01", "valid_to": "2026-10-31"},
             {"rate": "0.07", "valid_from": "2026-11-01"}]  # fmt: skip
    update(shop.api, resource="taxes", id="STATE", rates=rates)
    assert shop.invoice()["tax_total"] == "99.00"
    assert shop.invoice(date="2026-10-31")["tax_total"] == "87.00"


def test_an_issued_invoice_keeps_what_it_was_made_with(shop: Shop) -> None:
    invoice = shop.invoice()
    update(shop.api, id="CUST001", name="Another Name", jurisdiction="US-NV")
    update(shop.api, resource="products", id="PROD001", sales_price="999.00")
    assert shop.get(invoice) == invoice


def test_fiscal_years_of_a_company_do_not_overlap(api: Api) -> None:
    before = api.counts()
    year = {"code": "FY-X", "company": "MAIN", "starts_on": "2027-07-01", "ends_on": "2028-06-30"}
    problem = api.call("create_record", year, path={"resource": "fiscal-years"}).expect(422)
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("fiscal_years_overlap", "/starts_on")
    problem = update(api, 422, resource="fiscal-years", id="FY2026", ends_on="2027-01-31",
                     periods=[{"number": 13, "starts_on": "2027-01-01", "ends_on": "2027-01-31"}])  # fmt: skip
    assert problem["code"] == "fiscal_years_overlap"
    assert api.counts() == before


def test_null_does_not_pass_over_a_field_that_is_not_known(api: Api) -> None:
    api.record("units", code="DZ", name="Dozen")
    before = api.counts()
    path = {"resource": "units", "id": "DZ"}
    for name in ("colour", "", "tenant_id"):
        answer = api.call("update_record", {name: None}, path=path, headers={"If-Match": '"1"'}).expect(422)
        assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [(f"/{name}", "unknown_field")]
    assert api.counts() == before
