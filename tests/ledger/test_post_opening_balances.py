"""Opening balances: every open item by itself, and a clearing account that ends at zero."""

from typing import Any

import pytest

from tests.support.integrity import sound
from tests.support.ledger import Books, credit, debit
from tests.support.statements import counted

RECEIVABLE = {"customer": "C1", "reference": "INV-77", "amount": "300.00", "due_date": "2026-12-15"}
PAYABLE = {"supplier": "S1", "reference": "B-9", "amount": "120.00", "due_date": "2026-11-30"}


@pytest.fixture
def moving(books: Books) -> Books:
    """Books with a customer and a supplier, empty otherwise."""
    books.api.record("customers", code="C1", name="Harbour Hotel", jurisdiction="US-CA")
    books.api.record("suppliers", code="S1", name="Paper Mill", jurisdiction="US-CA")
    return books


@pytest.mark.example
def test_example(moving: Books, example: Any) -> None:
    answer = example(
        body={
            "date": "2026-10-31",
            "accounts": [debit("1020", "5000.00"), credit("3000", "5180.00")],
            "customers": [RECEIVABLE],
            "suppliers": [PAYABLE],
        },
        headers=moving.key(),
    )
    assert (answer.status, answer["difference"], answer["clearing_balance"]) == (201, "0.00", "0.00")


def bring(books: Books, status: int = 201, **body: Any) -> Any:
    body = {"date": "2026-10-31", **body}
    return books.api.call("post_opening_balances", body, headers=books.key()).expect(status).json


def test_parts_come_one_by_one_and_the_clearing_account_ends_at_zero(moving: Books) -> None:
    first = bring(moving, accounts=[debit("1020", "5000.00"), credit("3000", "5180.00")])
    assert (first["clearing"]["code"], first["difference"], first["clearing_balance"]) == ("1810", "180.00", "180.00")
    second = bring(moving, customers=[RECEIVABLE])
    assert (second["difference"], second["clearing_balance"]) == ("-300.00", "-120.00")
    third = bring(moving, suppliers=[PAYABLE])
    assert (third["difference"], third["clearing_balance"]) == ("120.00", "0.00")
    assert moving.balances() == {"1020": "5000.00", "1200": "300.00", "2100": "-120.00", "3000": "-5180.00"}
    assert (third["kind"], third["events"]) == ("opening", ["journal_entry.posted", "opening_balance.posted"])
    sound(moving.api)


def test_each_item_is_open_by_itself(moving: Books) -> None:
    bring(
        moving,
        customers=[RECEIVABLE, {**RECEIVABLE, "reference": "CN-5", "amount": "-50.00"}],
        suppliers=[{**PAYABLE, "currency": "EUR", "rate": "1.1"}],
    )
    items = moving.api.rows(
        "SELECT subledger, due_date::text AS due, currency, amount::text AS amount, base_amount::text AS base_amount"
        " FROM ledger.open_item_balance ORDER BY base_amount"
    )
    assert [tuple(item) for item in items] == [
        ("payable", "2026-11-30", "EUR", "-120.00", "-132.00"),
        ("receivable", "2026-12-15", "USD", "-50.00", "-50.00"),
        ("receivable", "2026-12-15", "USD", "300.00", "300.00"),
    ]
    sound(moving.api)


def test_each_item_keeps_the_number_and_the_dates_of_its_document(moving: Books) -> None:
    """It is in the books from the day they open; the document that the party has is older, and due by its own terms."""
    answer = bring(
        moving,
        customers=[{**RECEIVABLE, "document_date": "2026-09-16", "due_date": "2026-10-16"}],
        suppliers=[PAYABLE],
    )
    assert [(line.get("reference"), line.get("document_date"), line.get("due_date")) for line in answer["lines"]] == [
        ("INV-77", "2026-09-16", "2026-10-16"),
        ("B-9", None, "2026-11-30"),
        (None, None, None),
    ]
    items = moving.api.rows(
        "SELECT reference, effective_date::text AS date, document_date::text AS own, due_date::text AS due"
        " FROM ledger.open_item ORDER BY instalment"
    )
    assert [tuple(item) for item in items] == [
        ("INV-77", "2026-10-31", "2026-09-16", "2026-10-16"),
        ("B-9", "2026-10-31", None, "2026-11-30"),
    ]


def test_the_database_dates_no_document_after_it_came_to_the_books(moving: Books) -> None:
    bring(moving, customers=[RECEIVABLE])
    with pytest.raises(Exception, match="open_item_document_date"):
        moving.api.rows(
            "INSERT INTO ledger.open_item (id, document_id, instalment, company_id, subledger, party_id, account_id,"
            " effective_date, due_date, currency, amount, base_amount, document_date)"
            " SELECT gen_random_uuid(), document_id, 9, company_id, subledger, party_id, account_id, effective_date,"
            " due_date, currency, amount, base_amount, effective_date + 1 FROM ledger.open_item"
        )


def test_what_a_customer_owes_uses_its_credit(moving: Books) -> None:
    bring(moving, customers=[RECEIVABLE])
    assert [row.amount for row in moving.api.rows("SELECT amount::text FROM receivables.exposure")] == ["300.00"]


def test_stock_comes_by_receipts_and_its_value_from_the_account_between(moving: Books) -> None:
    moving.api.record("products", code="P1", name="Lamp", unit="EA", sales_price="9.00")
    received = {"date": "2026-10-31", "items": [{"product": "P1", "quantity": "10", "unit_cost": "4.00"}]}
    moving.api.call("receive_stock", received).expect(201)
    before = moving.api.counts()
    problem = bring(moving, 422, accounts=[debit("1400", "40.00")])
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("account_not_suitable", "/accounts/0/account")
    assert moving.api.counts() == before
    bring(moving, accounts=[debit("2150", "40.00"), credit("3000", "40.00")])
    assert moving.balances() == {"1400": "40.00", "3000": "-40.00"}
    sound(moving.api)


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "", "line_count"),
        ({"accounts": [debit("9999", "1.00")]}, "/accounts/0/account", "unknown_account"),
        ({"accounts": [debit("1020", "1.00")], "customers": [{**RECEIVABLE, "customer": "X"}]},
         "/customers/0/customer", "unknown_customer"),
        ({"suppliers": [PAYABLE, {**PAYABLE, "amount": "1.001"}]}, "/suppliers/1/amount", "too_precise"),
        ({"suppliers": [{**PAYABLE, "amount": "0"}]}, "/suppliers/0", "nothing"),
        ({"customers": [{**RECEIVABLE, "account": "4000"}]}, "/customers/0/due_date", "not_for_this"),
        ({"suppliers": [PAYABLE, {**PAYABLE, "document_date": "2026-11-01"}]},
         "/suppliers/1/document_date", "after_entry"),
        ({"customers": [{**RECEIVABLE, "currency": "CHF"}]}, "/customers/0/currency", "exchange_rate_missing"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_pointed_at(moving: Books, body: Any, pointer: str, code: str) -> None:
    before = moving.api.counts()
    problem = bring(moving, 422, **body)
    assert (problem["errors"][0]["pointer"], problem["errors"][0]["code"]) == (pointer, code)
    assert moving.api.counts() == before


def test_a_day_without_a_period_is_refused(moving: Books) -> None:
    before = moving.api.counts()
    assert bring(moving, 422, date="2025-12-31", customers=[RECEIVABLE])["code"] == "period_closed"
    assert moving.api.counts() == before


def test_statements_do_not_grow_with_the_items(moving: Books) -> None:
    bring(moving, customers=[RECEIVABLE])
    answer, sent = counted(lambda: bring(moving, customers=[RECEIVABLE] * 300))
    assert answer["difference"] == "-90000.00"
    assert len(sent) <= 5
