"""Every resource of the registry is created, changed and archived alike, and tells of each."""

from typing import Any

import pytest

from bigledger.records import RESOURCES
from tests.support.api import Api

NEW: dict[str, dict[str, Any]] = {
    "companies": {"code": "EAST", "name": "Harbor East", "currency": "USD", "jurisdiction": "US-NY"},
    "customers": {"code": "CUST900", "name": "Pier 9 Café", "jurisdiction": "US-CA-SF", "payment_terms": "NET30"},
    "suppliers": {"code": "SUPP900", "name": "Northern Lamps", "jurisdiction": "US-OR"},
    "contacts": {
        "code": "CUST001-AP",
        "name": "Ada Quinn",
        "customer": "CUST001",
        "role": "Accounts payable",
        "email": "ada@lighthouse.example",
        "language": "en",
        "receives": {"invoices": True},
    },
    "products": {"code": "PROD900", "name": "Floor lamp", "unit": "EA", "sales_price": "210.00"},
    "units": {"code": "DZ", "name": "Dozen", "factor": "12"},
    "locations": {"code": "BACK", "name": "Back room", "company": "MAIN"},
    "accounts": {"code": "4098", "name": "Sales of samples", "kind": "revenue"},
    "currencies": {"code": "EUR", "name": "Euro", "symbol": "€"},
    "taxes": {
        "code": "DISTRICT",
        "name": "District tax",
        "jurisdiction": "US-CA-SF",
        "account": "2200",
        "rates": [{"valid_from": "2026-01-01", "rate": "0.0025"}],
    },
    "tax-rules": {
        "code": "FOOD",
        "name": "Food in California",
        "jurisdiction": "US-CA",
        "product_category": "food",
        "taxes": [],
        "reason": "Food for home use is exempt",
    },
    "price-lists": {
        "code": "TRADE",
        "name": "Trade prices",
        "currency": "USD",
        "items": [{"product": "PROD001", "unit_price": "99.00", "minimum_quantity": "10"}],
    },
    "payment-terms": {"code": "HALF", "name": "Half now", "instalments": [{"percent": "50"}, {"days": 30}]},
    "payment-methods": {"code": "CASH", "name": "Cash", "account": "1010", "use": "receipts", "company": "MAIN"},
    "number-series": {"code": "QUOTE", "document_type": "quote", "company": "MAIN", "prefix": "QUO-{YYYY}-"},
    "approval-rules": {"code": "LARGE", "name": "Above 10,000", "condition": "document.total > 10000"},
    "dimensions": {"code": "BRANCH", "name": "Branch"},
    "dimension-values": {"code": "BOSTON", "name": "Boston", "dimension": "REGION", "valid_to": "2030-12-31"},
    "dunning-procedures": {
        "code": "USUAL",
        "name": "Usual procedure",
        "levels": [{"days": 7}, {"days": 21, "fees": [{"currency": "USD", "amount": "10.00"}]}],
    },
    "recurring-invoices": {
        "code": "RENT",
        "name": "Rent of lamps",
        "customer": "CUST001",
        "items": [{"product": "PROD001", "quantity": "2", "unit_price": "9.00"}],
        "starts_on": "2026-11-30",
    },
    "report-schedules": {
        "code": "MONTHLY",
        "name": "Profit and loss of last month",
        "report": "profit-loss",
        "period": "month_before",
        "starts_on": "2026-12-01",
    },
    "journal-templates": {
        "code": "RENT",
        "name": "Rent",
        "company": "MAIN",
        "lines": [{"account": "6120", "debit": "1200.00"}, {"account": "1020", "credit": "1200.00"}],
        "recurrence": {"every": "month", "starts_on": "2026-01-31", "end_of_month": True},
    },
    "allocation-rules": {
        "code": "OFFICE",
        "name": "Office costs by branch",
        "company": "MAIN",
        "sources": [{"account": "6130"}],
        "targets": [{"account": "6000", "weight": "2"}, {"account": "6150"}],
    },
    "fiscal-years": {"code": "2030", "company": "MAIN", "starts_on": "2030-01-01", "ends_on": "2030-12-31"},
}


def test_every_resource_is_tried() -> None:
    assert set(NEW) == set(RESOURCES)


@pytest.mark.example
@pytest.mark.parametrize("resource", sorted(NEW))
def test_a_record_is_created_changed_and_archived(resource: str, example_api: Api, example: object) -> None:
    api, given = example_api, NEW[resource]
    if resource == "dimension-values":
        api.record("dimensions", code="REGION", name="Region")
    created = api.record(resource, **given)
    path = {"resource": resource, "id": given["code"]}
    changed = api.call("update_record", {"name": "Renamed"}, path=path, headers={"If-Match": '"1"'}).expect(200)
    archived = api.call("archive_record", path=path).expect(200)
    read = api.call("get_record", path={"resource": resource, "id": created["id"]}).expect(200)
    assert (created["status"], created["version"]) == ("active", 1)
    assert (changed["name"], changed["version"]) == ("Renamed", 2)
    assert (archived["status"], archived["version"]) == ("archived", 3)
    assert read.json == archived.json
    type = RESOURCES[resource].type
    told = [event for event in api.events() if event["subject"] == f"{type}/{created['id']}"]
    assert [event["type"] for event in told] == [f"{type}.created", f"{type}.updated", f"{type}.deactivated"]
    assert [event["sequence"] for event in told] == [1, 2, 3]
    assert told[1]["data"]["changes"]["name"]["after"] == "Renamed"
