"""Ids that callers give: one thing per id, however it is spelled, and nobody learns what another tenant has."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.shop import Shop

ID = "019b772d-0e3b-7000-8000-0000000000ab"
LINES = {"items": [{"product": "PROD001", "quantity": 1}]}
NEW: dict[str, dict[str, Any]] = {
    "create_invoice": {"customer": "CUST001", **LINES},
    "record_payment": {"customer": "CUST001", "amount": "1.00"},
    "receive_stock": {"items": [{"product": "PROD001", "quantity": 1, "unit_cost": "1.00"}]},
    "create_reservation": {"product": "PROD001", "quantity": 1},
}
"""What takes an id, and the rest of a good request."""


def create(api: Api, operation: str, id: str) -> Any:
    return api.call(operation, {**NEW[operation], "id": id}, headers={"Idempotency-Key": f"key {api.requests}"})


@pytest.mark.parametrize("operation", NEW)
@pytest.mark.parametrize("spelling", [ID, ID.upper(), f"{{{ID}}}", f"urn:uuid:{ID}", ID.replace("-", "")])
def test_an_id_is_kept_in_its_one_form_and_given_once(shop: Shop, operation: str, spelling: str) -> None:
    assert create(shop.api, operation, spelling).expect(201)["id"] == ID
    before = shop.api.counts()
    refused = create(shop.api, operation, ID).expect(409)
    assert (refused["code"], refused["detail"]) == (
        "id_taken",
        "The id is in use already. Choose another, or leave it out.",
    )
    assert shop.api.counts() == before


@pytest.mark.parametrize("operation", NEW)
def test_an_id_is_not_that_of_anything_else_either(shop: Shop, operation: str) -> None:
    customer = shop.api.call("get_record", path={"resource": "customers", "id": "CUST001"}).expect(200)["id"]
    before = shop.api.counts()
    assert create(shop.api, operation, customer).expect(409)["code"] == "id_taken"
    assert shop.api.counts() == before


@pytest.mark.parametrize("operation", NEW)
def test_another_tenants_id_is_as_good_as_any(operator: Api, shop: Shop, operation: str) -> None:
    """Each tenant has its own; that somebody else has it is neither told nor in the way."""
    body = {"name": "Other", "company": {"currency": "USD", "jurisdiction": "US-CA"}}
    other = Shop(Api(operator.call("create_tenant", body).expect(201)["id"]))
    theirs = create(other.api, operation, ID).expect(201)
    before = other.api.counts()
    ours = create(shop.api, operation, ID).expect(201)
    told = [answer.json["events"] for answer in (ours, theirs)]
    assert (ours["id"], theirs["id"], told[0]) == (ID, ID, told[1])
    assert other.api.counts() == before
    customer = other.api.call("get_record", path={"resource": "customers", "id": "CUST001"}).expect(200)["id"]
    free = create(shop.api, operation, customer).expect(201)
    assert free["id"] == customer
    assert other.api.counts() == before


@pytest.mark.parametrize("operation", NEW)
@pytest.mark.parametrize("id", ["", "7", "nonsense", f"{ID}0", f"{{{ID}", f"{ID} ", 7, True, [], {}])
def test_what_is_no_id_is_pointed_at(shop: Shop, operation: str, id: Any) -> None:
    before = shop.api.counts()
    refused = create(shop.api, operation, id).expect(422)
    assert [error["pointer"] for error in refused["errors"]] == ["/id"]
    assert shop.api.counts() == before
