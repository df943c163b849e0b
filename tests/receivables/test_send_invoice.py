"""Sending invoices: an event that says to whom, how and where the page is."""

from typing import Any

import pytest

from tests.support.shop import Shop


@pytest.mark.example
def test_example(example: Any, shop: Shop) -> None:
    invoice = shop.invoice()
    body = {"to": "accounts@lighthouse.example", "message": "With our thanks"}
    answer = example(path={"id": invoice["number"]}, body=body, headers={"If-Match": '"1"'}).expect(200)
    assert answer.json == {
        "id": invoice["id"],
        "number": invoice["number"],
        "version": 2,
        "to": "accounts@lighthouse.example",
        "method": "email",
        "page": f"/api/v1/invoices/{invoice['id']}/pdf",
    }
    (sent,) = shop.api.events("invoice.sent")
    told = {name: value for name, value in answer.json.items() if name != "version"}
    assert sent["data"] == told | {"customer": invoice["customer"], "message": "With our thanks"}


def test_without_an_address_it_goes_to_that_of_the_customer(shop: Shop) -> None:
    path = {"resource": "customers", "id": "CUST001"}
    change = {"email": "books@harbour.example"}
    shop.api.call("update_record", change, path=path, headers={"If-Match": "*"}).expect(200)
    invoice = shop.invoice()
    assert shop.api.call("send_invoice", {}, path={"id": invoice["id"]}).expect(200)["to"] == "books@harbour.example"
    by_post = shop.api.call("send_invoice", {"method": "post", "to": None}, path={"id": invoice["id"]})
    assert (by_post["version"], by_post["method"]) == (3, "post")


def test_an_address_that_nobody_knows_is_asked_for(shop: Shop) -> None:
    invoice = shop.invoice()
    before = shop.api.counts()
    refused = shop.api.call("send_invoice", {}, path={"id": invoice["id"]}).expect(422)
    assert refused["errors"][0]["pointer"] == "/to"
    assert shop.api.counts() == before
    shop.api.call("send_invoice", {"method": "post"}, path={"id": invoice["id"]}).expect(200)


def test_a_draft_is_not_sent(shop: Shop) -> None:
    draft = shop.invoice(draft=True)
    before = shop.api.counts()
    refused = shop.api.call("send_invoice", {"to": "a@b.example"}, path={"id": draft["id"]}).expect(409)
    assert refused["code"] == "conflict"
    assert shop.api.counts() == before
