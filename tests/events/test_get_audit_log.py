"""The audit log: who changed what, from what to what, when and why; whole, in order, and by fiscal year."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.ledger import Books
from tests.support.purchases import Purchases
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    invoice = shop.invoice(draft=True)
    change(shop.api, "update_invoice", invoice, items=[{"product": "PROD002", "quantity": 2}])
    answer = example(query={"fiscal_year": "FY2026", "type": "invoice.updated"})
    assert answer["data"][0]["changes"]["total"] == {"before": "1287.00", "after": "965.25"}


def log(api: Api, **query: str) -> list[Any]:
    return list(api.call("get_audit_log", query=query).expect(200)["data"])


def change(api: Api, operation: str, document: Any, **body: Any) -> Any:
    headers = {"If-Match": f'"{document["version"]}"'}
    return api.call(operation, body, path={"id": document["id"]}, headers=headers).expect(200).json


def test_a_change_is_told_with_before_and_after_by_whom_through_what_and_why(api: Api) -> None:
    api.record("customers", code="C1", name="Old", jurisdiction="US")
    body = {"name": "New", "change_reason": "they moved"}
    path = {"resource": "customers", "id": "C1"}
    clerk = api.as_("clerk", "records.update_customer")
    clerk.call("update_record", body, path=path, headers={"If-Match": "*"}).expect(200)
    (told,) = log(api, type="customer.updated")
    assert told["changes"] == {"name": {"before": "Old", "after": "New"}}
    assert told["reason"] == "they moved"
    assert told["actor"] == {"id": "clerk", "kind": "user", "name": "clerk"}
    assert told["operation"] == "records.update_record"
    assert (told["document"]["type"], told["document"]["number"]) == ("customer", "C1")
    assert told["time"] == api.events("customer.updated")[0]["time"]


def an_invoice(api: Api) -> Any:
    shop = Shop(api)
    draft = shop.invoice(draft=True)
    return change(api, "update_invoice", draft, items=[{"product": "SERV001", "quantity": 1}])


def a_bill(api: Api) -> Any:
    draft = Purchases(api).bill(draft=True)
    return change(api, "update_bill", draft, items=[{"account": "6150", "unit_price": "75.00"}])


def an_entry(api: Api) -> Any:
    books = Books(api)
    return change(api, "update_journal_entry", books.rent(post=False), text="Rent of November")


@pytest.mark.parametrize(
    ("make", "type", "field"),
    [
        (an_invoice, "invoice.updated", "total"),
        (a_bill, "bill.updated", "total"),
        (an_entry, "journal_entry.updated", "text"),
    ],
    ids=["invoice", "bill", "journal entry"],
)
def test_the_change_of_a_draft_tells_what_stood_before(api: Api, make: Any, type: str, field: str) -> None:
    after = make(api)
    (told,) = log(api, document=after["id"], type=type)
    created = log(api, document=after["id"])[0]
    assert {"before": None, **told["changes"][field]} == {"before": created["data"].get(field), "after": after[field]}
    assert all(one.get("before") != one["after"] for one in told["changes"].values())


def test_making_void_tells_the_reason_and_the_status(shop: Shop) -> None:
    invoice = shop.invoice()
    shop.api.call("void_invoice", {"reason": "typed twice"}, path={"id": invoice["id"]}).expect(200)
    told = log(shop.api, document=invoice["id"], type="invoice.cancelled")[0]
    assert told["reason"] == "typed twice"
    assert told["changes"]["status"] == {"before": "issued", "after": "void"}


def test_a_fiscal_year_has_the_documents_dated_in_it_whenever_they_were_changed(shop: Shop) -> None:
    """Today is 23 November 2026: an invoice of 2025 is changed in the days of 2026."""
    Books(shop.api).year(2025)
    old = shop.invoice(draft=True, date="2025-12-31")
    new = shop.invoice(draft=True, date="2026-01-01")
    change(shop.api, "update_invoice", old, items=[{"product": "SERV001", "quantity": 1}])
    told = [(one["type"], one["document"]["id"]) for one in log(shop.api, fiscal_year="FY2025")]
    assert told == [("invoice.created", old["id"]), ("invoice.updated", old["id"])]
    assert new["id"] in {one["document"]["id"] for one in log(shop.api, fiscal_year="FY2026")}


def test_what_has_no_date_belongs_to_the_year_it_was_changed_in(api: Api) -> None:
    api.record("customers", code="C1", name="Old", jurisdiction="US")
    assert [one["type"] for one in log(api, fiscal_year="FY2026", type="customer.created")] == ["customer.created"]
    assert log(api, fiscal_year="FY2027", type="customer.created") == []


def test_it_narrows_to_days_actors_and_operations(api: Api) -> None:
    api.record("customers", code="C1", name="One", jurisdiction="US")
    api.as_("clerk", "records.create_supplier").record("suppliers", code="S1", name="Two", jurisdiction="US")
    named = {"from": "2026-11-23", "to": "2026-11-23"}
    assert {"customer.created", "supplier.created"} <= {one["type"] for one in log(api, limit="200", **named)}
    assert log(api, **{"from": "2026-11-24"}) == []
    assert log(api, to="2026-11-22") == []
    assert [one["type"] for one in log(api, actor="clerk")] == ["supplier.created"]
    assert {one["operation"] for one in log(api, operation="records.create_record")} == {"records.create_record"}


def test_pages_follow_one_another_without_gap_or_repetition(api: Api) -> None:
    for number in range(5):
        api.record("customers", code=f"C{number}", name="One", jurisdiction="US")
    seen: list[str] = []
    query = {"type": "customer.created", "limit": "2"}
    while True:
        page = api.call("get_audit_log", query=query).expect(200)
        seen += [one["document"]["number"] for one in page["data"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == ["C0", "C1", "C2", "C3", "C4"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"from": "2026-02-01", "to": "2026-01-01"}, 422),
        ({"fiscal_year": "FY1800"}, 422),
        ({"document": "INV-1"}, 422),
        ({"cursor": "x"}, 422),
    ],
)
def test_what_cannot_be_asked_is_told(api: Api, query: dict[str, str], status: int) -> None:
    api.call("get_audit_log", query=query).expect(status)


def test_it_is_one_statement_however_much_there_is(shop: Shop) -> None:
    for _ in range(3):
        shop.invoice()
    log(shop.api)
    told, statements = counted(lambda: log(shop.api, fiscal_year="FY2026"))
    assert len(told) > 3
    assert len(statements) == 2  # with the one that opens the tenant


def test_the_pages_of_a_fiscal_year(shop: Shop) -> None:
    """A year's documents are changed long before and after it; what is changed while they are read comes next time."""
    Books(shop.api).year(2025)
    drafts = [shop.invoice(draft=True, date="2025-12-31") for _ in range(2)]
    shop.invoice(draft=True, date="2026-01-01")
    change(shop.api, "update_invoice", drafts[0], items=[{"product": "SERV001", "quantity": 1}])
    query = {"fiscal_year": "FY2025", "limit": "1"}
    seen = []
    while True:
        page = shop.api.call("get_audit_log", query=query).expect(200)
        seen += [(one["type"], one["document"]["id"]) for one in page["data"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == [
        ("invoice.created", drafts[0]["id"]),
        ("invoice.created", drafts[1]["id"]),
        ("invoice.updated", drafts[0]["id"]),
    ]
    for bad in ({"cursor": query["cursor"]}, {"fiscal_year": "FY2025", "cursor": "WyJ4IiwieSJd"}):
        refused = shop.api.call("get_audit_log", query=bad).expect(422)
        assert [one["pointer"] for one in refused["errors"]] == ["/cursor"]
