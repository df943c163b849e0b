"""Invoices that were brought along keep their own number and dates wherever a customer's debts are told."""

from typing import Any

import pytest

from tests.receivables.reminders import procedure, remind
from tests.support.integrity import sound
from tests.support.reports import explained, rows, ties
from tests.support.shop import Shop
from tests.support.statements import counted

OLD = {"customer": "CUST002", "reference": "A-17", "amount": "300.00"}
DATED = {"document_date": "2026-07-15", "due_date": "2026-08-14"}


@pytest.fixture
def moved(shop: Shop) -> Shop:
    """A shop whose books opened with two invoices of a customer, the second without a date of its own."""
    items = [{**OLD, **DATED}, {**OLD, "reference": "A-40", "amount": "40.00", "due_date": "2026-11-29"}]
    bring(shop, customers=items)
    return shop


def bring(shop: Shop, **body: Any) -> Any:
    """Open the books on the last day of October."""
    key = {"Idempotency-Key": f"opening-{shop.api.requests}"}
    return shop.api.call("post_opening_balances", {"date": "2026-10-31", **body}, headers=key).expect(201).json


def aged(shop: Shop, kind: str = "receivables", **query: str) -> Any:
    """The ageing on the shop's day, with its items."""
    query = {"as_of": "2026-11-23", "detail": "items", **query}
    answer = shop.api.call(f"get_aged_{kind}", query=query).expect(200).json
    assert ties(answer) == ["0.00"]
    return answer


def items(answer: Any) -> list[tuple[str, str, str, int]]:
    return [
        (row["label"], row["date"], row["due_date"], row["days_overdue"])
        for row in answer["rows"]
        if row["style"] == "item"
    ]


def test_the_ageing_shows_them_as_the_customer_knows_them(moved: Shop) -> None:
    answer = aged(moved)
    assert items(answer) == [("A-17", "2026-07-15", "2026-08-14", 101), ("A-40", "2026-10-31", "2026-11-29", 0)]
    assert rows(answer)["total"] == ["40.00", "0.00", "0.00", "0.00", "300.00", "0.00", "340.00"]


def test_the_ageing_counts_from_the_date_of_the_document_if_asked_to(moved: Shop) -> None:
    """Other invoices count from their own date, whatever their terms; nothing is "not due" there."""
    moved.invoice("CUST002", date="2026-10-24", payment_terms="IMMEDIATE")
    answer = aged(moved, by="document_date")
    assert [column["label"] for column in answer["columns"]] == [
        "0–30 days",
        "31–60 days",
        "61–90 days",
        "Over 90 days",
        "Unallocated",
        "Total",
    ]
    assert rows(answer)["total"] == ["1240.00", "0.00", "0.00", "300.00", "0.00", "1540.00"]
    assert rows(aged(moved, by="document_date", as_of="2026-11-24"))["total"][:2] == ["40.00", "1200.00"]
    assert explained(moved.api, answer) > 12
    assert moved.api.call("get_aged_receivables", query={"by": "age"}).expect(422)["code"] == "invalid_request"


def test_what_is_owed_to_suppliers_ages_alike(shop: Shop) -> None:
    shop.api.record("suppliers", code="S1", name="Paper Mill", jurisdiction="US-CA")
    bring(shop, suppliers=[{"supplier": "S1", "reference": "B-9", "amount": "120.00", **DATED}])
    answer = aged(shop, "payables", by="document_date")
    assert items(answer) == [("B-9", "2026-07-15", "2026-08-14", 101)]
    assert rows(answer)["total"] == ["0.00", "0.00", "0.00", "120.00", "0.00", "120.00"]


def test_the_statement_tells_them_one_by_one(moved: Shop) -> None:
    moved.pay("300.00", "CUST002", date="2026-11-05")
    query = {"date_from": "2026-10-01", "as_of": "2026-11-23"}
    told = moved.api.call("get_customer_statement", path={"id": "CUST002"}, query=query).expect(200).json
    assert [
        (line["date"], line.get("reference"), line.get("document_date"), line.get("due_date"), line["balance"])
        for line in told["lines"]
    ] == [
        ("2026-10-31", "A-17", "2026-07-15", "2026-08-14", "300.00"),
        ("2026-10-31", "A-40", None, "2026-11-29", "340.00"),
        ("2026-11-05", None, None, None, "40.00"),
    ]
    assert [(item["reference"], item["date"], item["due_date"]) for item in told["open_items"]] == [
        ("A-40", "2026-10-31", "2026-11-29")
    ]
    assert told["balances"][0]["closing_balance"] == "40.00"
    sound(moved.api)


def test_a_letter_reminds_of_them_by_their_own_number(moved: Shop) -> None:
    procedure(moved)
    run = remind(moved)
    letter = moved.api.call("get_dunning_notice", path={"id": run["notices"][0]["notice"]["id"]}).expect(200).json
    (item,) = letter["items"]
    assert (item["reference"], item["date"], item["due_date"], item["days_overdue"], item["amount_due"]) == (
        "A-17",
        "2026-07-15",
        "2026-08-14",
        101,
        "300.00",
    )


def test_what_is_paid_of_them_is_told_in_their_own_currency(shop: Shop) -> None:
    """The entry that opened the books is in dollars; a dinar has a thousand fils."""
    bring(shop, customers=[{**OLD, **DATED, "amount": "10.505", "currency": "KWD", "rate": "3.25"}])
    (number,) = shop.api.rows("SELECT number FROM kernel.document WHERE type = 'journal_entry'")
    payment = shop.pay("10.005", "CUST002", currency="KWD", exchange_rate="3.25", allocations=[{"document": number[0]}])
    assert [(one["amount"], one["amount_due"]) for one in payment["allocations"]] == [("10.005", "0.500")]
    sound(shop.api)


def test_each_that_is_past_its_due_date_is_told_of_once(moved: Shop) -> None:
    """By the number and due date of its own; one that is paid, or owed the other way, never."""
    bring(
        moved,
        customers=[
            {"customer": "CUST001", "reference": "B-1", "amount": "75.00", "due_date": "2026-11-01"},
            {"customer": "CUST001", "reference": "B-2", "amount": "-20.00", "due_date": "2026-11-01"},
        ],
    )
    moved.invoice("CUST002", date="2026-11-10")
    answer = moved.api.call("mark_overdue", {}).expect(200).json
    assert [(one.get("reference"), one["type"], one["customer"]["code"], one["due_date"], one["amount_due"])
            for one in answer["items"]] == [
        ("A-17", "journal_entry", "CUST002", "2026-08-14", "300.00"),
        ("B-1", "journal_entry", "CUST001", "2026-11-01", "75.00"),
        (None, "invoice", "CUST002", "2026-11-10", "1200.00"),
    ]  # fmt: skip
    told = [event["data"] for event in moved.api.events("invoice.overdue")]
    assert sorted((one["number"], one["days_overdue"], one.get("document_type")) for one in told) == [
        ("A-17", 101, "journal_entry"),
        ("B-1", 22, "journal_entry"),
        ("INV-2026-000001", 13, None),
    ]
    assert moved.api.call("mark_overdue", {}).expect(200)["marked"] == 0
    sound(moved.api)


def test_items_of_one_entry_are_told_of_page_by_page(moved: Shop) -> None:
    """More than one transaction takes: the entry is read once for a page, however many of its items it tells of."""
    many = [{**OLD, "reference": f"P-{n}", "amount": "1.00", "due_date": "2026-11-02"} for n in range(205)]
    bring(moved, customers=many)
    first, sent = counted(lambda: moved.api.call("mark_overdue", {}).expect(200).json)
    assert (first["marked"], first["more"], len(sent) <= 5) == (200, True, True)
    assert moved.api.call("mark_overdue", {}).expect(200)["marked"] == 6
    assert len({event["data"]["number"] for event in moved.api.events("invoice.overdue")}) == 206
