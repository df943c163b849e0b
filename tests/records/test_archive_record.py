"""Archiving master data: out of use for what is new, unchanged for what is there."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.shop import Shop


@pytest.mark.example
def test_example(example_api: Api, example: Any) -> None:
    answer = example(path={"resource": "customers", "id": "CUST002"})
    assert (answer.status, answer["status"], answer["version"]) == (200, "archived", 2)


def archive(api: Api, resource: str, id: str, status: int = 200, version: int | None = None) -> Any:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return api.call("archive_record", path={"resource": resource, "id": id}, headers=headers).expect(status)


def test_it_is_told_and_the_record_stays(shop: Shop) -> None:
    before = shop.api.call("get_record", path={"resource": "customers", "id": "CUST002"}).json
    answer = archive(shop.api, "customers", "CUST002")
    assert answer.headers["ETag"] == '"2"'
    assert answer.json == before | {"status": "archived", "version": 2, "updated_at": answer["updated_at"]}
    (event,) = shop.api.events("customer.deactivated")
    assert event["data"] == {"id": before["id"], "code": "CUST002"}


def test_archiving_twice_changes_nothing(shop: Shop) -> None:
    first = archive(shop.api, "customers", "CUST002").json
    before = shop.api.counts()
    assert archive(shop.api, "customers", "CUST002").json == first
    assert shop.api.counts() == before


@pytest.mark.parametrize(
    ("resource", "code", "fields", "pointer"),
    [
        ("customers", "CUST001", {}, "/customer"),
        ("products", "PROD001", {}, "/items/0/product"),
        ("payment-terms", "NET15", {"payment_terms": "NET15"}, "/payment_terms"),
        ("locations", "SHOP", {"location": "SHOP"}, "/location"),
        ("companies", "SECOND", {"company": "SECOND"}, "/company"),
    ],
)
def test_what_is_archived_cannot_be_used_in_a_new_invoice(
    shop: Shop, resource: str, code: str, fields: dict[str, str], pointer: str
) -> None:
    shop.api.record("companies", code="SECOND", name="Second", currency="USD", jurisdiction="US")
    shop.api.record("locations", code="SHOP", name="Shop", company="MAIN")
    fields = {"company": "MAIN", "location": "MAIN", **fields}
    shop.api.call(
        "update_record", {"company": "MAIN"}, path={"resource": "locations", "id": "MAIN"}, headers={"If-Match": '"1"'}
    ).expect(200)
    archive(shop.api, resource, code)
    before = shop.api.counts()
    problem = shop.invoice(status=422, **fields)
    assert problem["code"] == "unknown_reference"
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert shop.api.counts() == before


def test_old_documents_stand_and_can_still_be_paid_and_voided(shop: Shop) -> None:
    paid, voided = shop.invoice(), shop.invoice()
    archive(shop.api, "products", "PROD001")
    archive(shop.api, "payment-terms", "NET30")
    archive(shop.api, "taxes", "CITY")
    assert shop.get(paid) == paid
    shop.pay("1287.00", allocations=[{"invoice": paid["number"]}])
    assert shop.get(paid)["status"] == "paid"
    shop.api.call("void_invoice", {"reason": "x"}, path={"id": voided["id"]}).expect(200)
    assert shop.trial_balance() == {"1020": "1287.00", "1400": "7200.00", "2150": "-7200.00", "2200": "-87.00",
                                    "4000": "-1200.00"}  # fmt: skip


def test_an_archived_customers_invoices_are_still_read_and_listed(shop: Shop) -> None:
    invoice = shop.invoice()
    archive(shop.api, "customers", "CUST001")
    assert shop.get(invoice) == invoice
    (row,) = shop.api.call("list_invoices", query={"customer": "CUST001"}).expect(200)["data"]
    assert row["number"] == invoice["number"]


def test_an_archived_rule_or_tax_does_not_count(shop: Shop) -> None:
    archive(shop.api, "tax-rules", "SF")
    assert [tax["code"] for tax in shop.invoice()["taxes"]] == ["STATE"]


def test_a_new_record_cannot_name_an_archived_one(shop: Shop) -> None:
    archive(shop.api, "payment-terms", "NET60")
    fields = {"code": "C9", "name": "x", "jurisdiction": "US", "payment_terms": "NET60"}
    problem = shop.api.call("create_record", fields, path={"resource": "customers"}).expect(422)
    assert [error["pointer"] for error in problem["errors"]] == ["/payment_terms"]


def test_its_code_stays_taken(shop: Shop) -> None:
    archive(shop.api, "customers", "CUST002")
    fields = {"code": "CUST002", "name": "x", "jurisdiction": "US"}
    assert shop.api.call("create_record", fields, path={"resource": "customers"}).expect(409)["code"] == "code_taken"


def test_an_archived_year_takes_no_postings(shop: Shop) -> None:
    archive(shop.api, "fiscal-years", "FY2027")
    problem = shop.invoice(status=422, date="2027-01-05")
    assert (problem["code"], "suggested_date" in problem) == ("period_closed", False)


def test_an_old_version_is_refused(shop: Shop) -> None:
    before = shop.api.counts()
    problem = archive(shop.api, "customers", "CUST002", 412, version=7)
    assert (problem["code"], problem["version"]) == ("stale_version", 1)
    assert shop.api.counts() == before
    assert archive(shop.api, "customers", "CUST002", version=1)["status"] == "archived"


def test_what_does_not_exist_is_not_found(shop: Shop) -> None:
    archive(shop.api, "customers", "NOBODY", 404)


def test_another_tenants_record_is_not_found_and_stays(shop: Shop, operator: Api) -> None:
    customer = shop.api.call("get_record", path={"resource": "customers", "id": "CUST001"}).expect(200).json
    other = operator.call("create_tenant", {"name": "B", "company": {"currency": "USD", "jurisdiction": "US"}})
    archive(Api(other.expect(201)["id"]), "customers", customer["id"], 404)
    assert shop.api.call("get_record", path={"resource": "customers", "id": "CUST001"}).json == customer


def test_the_permission_is_that_of_the_resource(shop: Shop) -> None:
    before = shop.api.counts()
    archive(shop.api.as_("clerk", "records.archive_supplier"), "customers", "CUST001", 403)
    assert shop.api.counts() == before
