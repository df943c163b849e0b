"""Drafts are changed freely; nothing else is."""

import pytest

from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    draft = shop.invoice(draft=True)
    answer = example(path={"id": draft["id"]}, body={"reference": "PO 4711"}, headers={"If-Match": '"1"'})
    assert (answer.status, answer["version"], answer["reference"]) == (200, 2, "PO 4711")


def change(shop: Shop, invoice: dict[str, str], status: int = 200, version: int = 1, **body: object):
    headers = {"If-Match": f'"{version}"'}
    return shop.api.call("update_invoice", body, path={"id": invoice["id"]}, headers=headers).expect(status).json


def test_a_draft_has_no_number_and_holds_nothing(shop: Shop) -> None:
    before = shop.trial_balance()
    draft = shop.invoice(draft=True)
    assert draft["status"] == "draft"
    assert "number" not in draft
    assert draft["reservations"] == []
    assert draft["events"] == ["invoice.created"]
    assert shop.trial_balance() == before
    assert shop.available("PROD001") == "100"


def test_a_changed_draft_is_worked_out_again(shop: Shop) -> None:
    draft = shop.invoice(draft=True)
    changed = change(shop, draft, items=[{"product": "PROD002", "quantity": 2}])
    assert (changed["subtotal"], changed["tax_total"], changed["total"]) == ("900.00", "65.25", "965.25")
    assert changed["version"] == 2
    assert changed["events"] == ["invoice.created", "invoice.updated"]
    assert shop.get(draft)["total"] == "965.25"


def test_an_old_version_is_refused(shop: Shop) -> None:
    draft = shop.invoice(draft=True)
    change(shop, draft, note="first")
    before = shop.api.counts()
    problem = change(shop, draft, 412, note="second")
    assert problem["version"] == 2
    assert shop.get(draft)["note"] == "first"
    assert shop.api.counts() == before


def test_a_change_without_a_version_is_refused(shop: Shop) -> None:
    draft = shop.invoice(draft=True)
    shop.api.call("update_invoice", {"note": "x"}, path={"id": draft["id"]}).expect(428)


def test_an_issued_invoice_is_not_changed(shop: Shop) -> None:
    invoice = shop.invoice()
    before = shop.api.counts()
    assert change(shop, invoice, 409, note="x")["document_status"] == "issued"
    assert shop.api.counts() == before


def test_looked_up_prices_follow_the_customer_and_agreed_ones_stay(shop: Shop) -> None:
    shop.api.record(
        "price-lists", code="TRADE", name="Trade", currency="USD", items=[{"product": "PROD001", "unit_price": "99.00"}]
    )
    shop.api.record("customers", code="CUST003", name="Harbour Hotel", jurisdiction="US-NV", price_list="TRADE")
    items = [{"product": "PROD001", "quantity": 1}, {"product": "PROD001", "quantity": 1, "unit_price": "110.00"}]
    draft = shop.invoice(draft=True, items=items)
    changed = change(shop, draft, customer="CUST003")
    assert [item["unit_price"] for item in draft["items"]] == ["120.00", "110.00"]
    assert [item["unit_price"] for item in changed["items"]] == ["99.00", "110.00"]
    assert (draft["due_date"], changed["due_date"]) == ("2026-12-23", "2026-11-23")


@pytest.mark.parametrize("field", ["customer", "items"])
def test_what_an_invoice_cannot_be_without_is_not_removed(shop: Shop, field: str) -> None:
    draft = shop.invoice(draft=True)
    before = shop.api.counts()
    problem = change(shop, draft, 422, **{field: None})
    assert problem["errors"] == [
        {
            "pointer": f"/{field}",
            "code": "required",
            "message": "an invoice cannot be without it; leave it out to keep what it has",
        }
    ]
    assert shop.api.counts() == before
    assert shop.get(draft) == draft


def test_null_removes_what_an_invoice_can_be_without(shop: Shop) -> None:
    given = {"reference": "PO 4711", "note": "By the gate", "metadata": {"ward": "3"}, "ship_to": "US-NV"}
    draft = shop.invoice(draft=True, date="2026-11-02", payment_terms="NET60", currency="USD", **given)
    assert (draft["due_date"], draft["total"]) == ("2027-01-01", "1200.00")
    changed = change(shop, draft, **dict.fromkeys([*given, "date", "payment_terms", "currency", "location"]))
    assert [name for name in given if changed.get(name)] == []
    assert changed["metadata"] == {}
    assert (changed["date"], changed["due_date"]) == ("2026-11-23", "2026-12-23")
    assert (changed["payment_terms"], changed["currency"], changed["total"]) == ("NET30", "USD", "1287.00")
    assert shop.get(draft) == changed


def test_a_draft_with_a_long_description_of_its_product_is_changed_and_issued(shop: Shop) -> None:
    """Descriptions of products may be longer than those that are given on a line."""
    shop.api.record("products", code="LONG", name="Lamp", unit="EA", sales_price="1.00", kind="service",
                    description="x" * 4000)  # fmt: skip
    draft = shop.invoice(draft=True, items=[{"product": "LONG", "quantity": 1}])
    assert change(shop, draft, reference="PO 1")["items"][0]["description"] == "x" * 4000
    issued = shop.api.call("issue_invoice", path={"id": draft["id"]}).expect(200)
    assert (issued["status"], issued["items"][0]["description"]) == ("issued", "x" * 4000)


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"items": []}, "/items", "too_short"),
        ({"items": [None]}, "/items/0", "model_type"),
        ({"items": [{}]}, "/items/0/product", "required"),
        ({"items": [{"product": "PROD001", "quantity": None}]}, "/items/0/quantity", "not_a_number"),
        ({"customer": ""}, "/customer", "string_too_short"),
        ({"customer": 7}, "/customer", "string_type"),
        ({"metadata": {"ward": None}}, "/metadata/ward", "string_type"),
        ({"metadata": []}, "/metadata", "dict_type"),
        ({"draft": None}, "/draft", "unknown_field"),
        ({"company": None}, "/company", "unknown_field"),
    ],
)
def test_a_fault_is_pointed_at_and_changes_nothing(shop: Shop, body: dict[str, object], pointer: str, code: str):
    draft = shop.invoice(draft=True)
    before = shop.api.counts()
    problem = change(shop, draft, 422, **body)
    assert (problem["errors"][0]["pointer"], problem["errors"][0]["code"]) == (pointer, code)
    assert shop.api.counts() == before
    assert shop.get(draft) == draft
