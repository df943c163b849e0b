"""Contacts: people at a customer or a supplier, found by it, and sent what they receive."""

from typing import Any

import pytest

from tests.receivables.reminders import overdue, procedure, remind
from tests.support.api import Api
from tests.support.shop import Shop

ADA = {"code": "ADA", "name": "Ada Quinn", "customer": "CUST001", "email": "ada@lighthouse.example"}


def contact(shop: Shop, **fields: Any) -> Any:
    """A contact of the first customer, Ada unless said otherwise."""
    return shop.api.record("contacts", **ADA | fields)


def codes(shop: Shop, **query: str) -> list[str]:
    """The codes of the contacts a list has."""
    answer = shop.api.call("list_records", path={"resource": "contacts"}, query=query).expect(200)
    return sorted(one["code"] for one in answer["data"])


def test_a_contact_is_kept_with_its_customer(shop: Shop) -> None:
    made = contact(
        shop, role="Accounts payable", phone="+1 415 555 0100", language="en-US", receives={"invoices": True}, notes="x"
    )
    customer = shop.api.call("get_record", path={"resource": "customers", "id": "CUST001"}).expect(200)
    assert {name: value for name, value in made.items() if name not in ("id", "created_at", "updated_at")} == {
        "code": "ADA",
        "status": "active",
        "version": 1,
        "name": "Ada Quinn",
        "customer": {"id": customer["id"], "code": "CUST001", "name": "Lighthouse Books"},
        "role": "Accounts payable",
        "email": "ada@lighthouse.example",
        "phone": "+1 415 555 0100",
        "language": "en-US",
        "receives": {"invoices": True, "statements": False, "reminders": False, "purchase_correspondence": False},
        "notes": "x",
    }
    (event,) = shop.api.events("contact.created")
    assert (event["data"]["code"], event["data"]["data"]["customer"]) == ("ADA", "CUST001")


def test_the_contacts_of_a_party_are_listed(shop: Shop) -> None:
    customer = contact(shop)["customer"]["id"]
    contact(shop, code="BEN", name="Ben")
    contact(shop, code="CAY", name="Cay", customer="CUST002")
    shop.api.record("suppliers", code="CUST001", name="Mill", jurisdiction="US")
    shop.api.record("contacts", code="DOT", name="Dot", supplier="CUST001")
    assert codes(shop) == ["ADA", "BEN", "CAY", "DOT"]
    assert codes(shop, customer="CUST001") == codes(shop, customer=customer) == ["ADA", "BEN"]
    assert codes(shop, supplier="CUST001") == ["DOT"]
    shop.api.call("archive_record", path={"resource": "contacts", "id": "BEN"}).expect(200)
    assert codes(shop, customer="CUST001") == ["ADA"]
    assert codes(shop, customer="CUST001", status="archived") == ["BEN"]


def test_other_lists_have_no_such_filter(shop: Shop) -> None:
    answer = shop.api.call("list_records", path={"resource": "products"}, query={"customer": "CUST001"}).expect(422)
    assert answer["errors"] == [
        {"pointer": "/customer", "code": "unknown_filter", "message": "this list can be filtered by code, status"}
    ]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"customer": None}, "one_party"),
        ({"supplier": "CUST001"}, "one_party"),
        ({"email": None, "receives": {"reminders": True}}, "email_missing"),
    ],
)
def test_what_a_contact_needs(shop: Shop, fields: dict[str, Any], code: str) -> None:
    before = shop.api.counts()
    body = {name: value for name, value in (ADA | fields).items() if value is not None}
    problem = shop.api.call("create_record", body, path={"resource": "contacts"}).expect(422)
    assert [error["code"] for error in problem["errors"]] == [code]
    assert shop.api.counts() == before


def test_one_of_nobody_is_refused(shop: Shop) -> None:
    shop.api.call("archive_record", path={"resource": "customers", "id": "CUST002"}).expect(200)
    before = shop.api.counts()
    for customer in ("NOBODY", "CUST002"):
        problem = shop.api.call("create_record", ADA | {"customer": customer}, path={"resource": "contacts"}).expect(
            422
        )
        assert (problem["code"], problem["errors"][0]["pointer"]) == ("unknown_reference", "/customer")
    assert shop.api.counts() == before


def test_it_stays_with_its_party(shop: Shop) -> None:
    contact(shop)
    before = shop.api.counts()
    path = {"resource": "contacts", "id": "ADA"}
    problem = shop.api.call("update_record", {"customer": "CUST002"}, path=path, headers={"If-Match": "*"}).expect(409)
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("record_in_use", "/customer")
    assert shop.api.counts() == before


def test_another_tenants_customer_has_no_contacts_here(shop: Shop, operator: Api) -> None:
    customer = contact(shop)["customer"]["id"]
    made = operator.call("create_tenant", {"name": "B", "company": {"currency": "USD", "jurisdiction": "US"}})
    other = Api(made.expect(201)["id"])
    body = ADA | {"customer": customer}
    assert other.call("create_record", body, path={"resource": "contacts"}).expect(422)["code"] == "unknown_reference"
    assert other.call("list_records", path={"resource": "contacts"}, query={"customer": customer})["data"] == []


def send(shop: Shop, **body: Any) -> Any:
    """Send an invoice to whom it goes."""
    invoice = shop.invoice()
    return shop.api.call("send_invoice", body, path={"id": invoice["id"]}).expect(200).json


def test_invoices_go_to_the_contacts_who_receive_them(shop: Shop) -> None:
    path = {"resource": "customers", "id": "CUST001"}
    own = {"email": "office@lighthouse.example"}
    shop.api.call("update_record", own, path=path, headers={"If-Match": "*"}).expect(200)
    contact(shop, code="ZOE", name="Zoe", email="zoe@lighthouse.example", receives={"reminders": True})
    assert send(shop)["to"] == "office@lighthouse.example"
    ada = contact(shop, receives={"invoices": True}, language="de")
    ben = contact(shop, code="BEN", name="Ben", email="ben@lighthouse.example", receives={"invoices": True})
    contact(shop, code="CAY", name="Cay", customer="CUST002", receives={"invoices": True})
    recipients = [
        {
            "contact": {"id": ada["id"], "code": "ADA", "name": "Ada Quinn"},
            "email": "ada@lighthouse.example",
            "language": "de",
        },
        {"contact": {"id": ben["id"], "code": "BEN", "name": "Ben"}, "email": "ben@lighthouse.example"},
    ]
    sent = send(shop)
    assert (sent["to"], sent["recipients"]) == ("ada@lighthouse.example", recipients)
    told = shop.api.events("invoice.sent")[-1]["data"]
    assert (told["to"], told["recipients"]) == ("ada@lighthouse.example", recipients)
    shop.api.call("archive_record", path={"resource": "contacts", "id": "ADA"}).expect(200)
    assert send(shop)["to"] == "ben@lighthouse.example"
    elsewhere = send(shop, to="new@lighthouse.example")
    assert (elsewhere["to"], "recipients" in elsewhere) == ("new@lighthouse.example", False)


def test_reminders_go_to_the_contacts_who_receive_them(shop: Shop) -> None:
    contact(shop, customer="CUST002", receives={"invoices": True})
    ben = contact(
        shop, code="BEN", name="Ben", customer="CUST002", email="ben@desert.example", receives={"reminders": True}
    )
    procedure(shop)
    overdue(shop, "2026-11-10")
    (made,) = remind(shop)["notices"]
    letter = shop.api.call("get_dunning_notice", path={"id": made["notice"]["id"]}).expect(200)
    recipients = [{"contact": {"id": ben["id"], "code": "BEN", "name": "Ben"}, "email": "ben@desert.example"}]
    assert (letter["email"], letter["recipients"]) == ("ben@desert.example", recipients)
    (event,) = shop.api.events("dunning.issued")
    assert (event["data"]["email"], event["data"]["recipients"]) == ("ben@desert.example", recipients)


def test_they_come_in_from_a_table(shop: Shop) -> None:
    text = (
        "code,name,customer,supplier,email,receives.invoices\n"
        "ADA,Ada Quinn,CUST001,,ada@lighthouse.example,true\n"
        "BEN,Ben,CUST002,,,false\n"
    )
    made = shop.api.call("create_import", {"kind": "contacts", "text": text}).expect(201)
    headers = {"Idempotency-Key": "contacts"}
    shop.api.call("commit_import", path={"id": made["id"]}, headers=headers).expect(200)
    assert (codes(shop, customer="CUST001"), codes(shop, customer="CUST002")) == (["ADA"], ["BEN"])
    assert send(shop)["recipients"][0]["contact"]["code"] == "ADA"


def test_a_table_with_contacts_of_nobody_is_told_row_by_row(shop: Shop) -> None:
    text = "code,name,customer,email,receives.invoices\nADA,Ada,CUST001,,true\nBEN,Ben,NOBODY,b@x.example,\n"
    made = shop.api.call("create_import", {"kind": "contacts", "text": text}).expect(201)
    assert made["status"] == "invalid"
    assert [(row["row"], row["pointer"], row["code"]) for row in made["errors"]] == [
        (1, "", "email_missing"),
        (2, "/customer", "unknown_customer"),
    ]
    assert codes(shop) == []


def test_a_dry_run_makes_none(shop: Shop) -> None:
    before = shop.api.counts()
    answer = shop.api.call("create_record", ADA, path={"resource": "contacts"}, query={"dry_run": "true"}).expect(200)
    assert answer["customer"]["code"] == "CUST001"
    assert shop.api.counts() == before
