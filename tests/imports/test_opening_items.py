"""Open items come from a table, each as what it is: a document of a party with its number, due date and currency."""

from typing import Any

import pytest

from tests.imports.test_commit_import import commit
from tests.imports.test_create_import import create, errors
from tests.support.integrity import sound
from tests.support.ledger import Books
from tests.support.statements import counted

ITEMS = """customer,supplier,number,date,due_date,amount,currency,rate
C1,,INV-77,2026-10-31,2026-12-15,300.00,,
C1,,CN-5,2026-10-31,2026-11-15,-50.00,,
,S1,B-9,2026-10-31,2026-11-30,120.00,EUR,1.1
"""


@pytest.fixture
def moving(books: Books) -> Books:
    """Books with a customer and a supplier, empty otherwise."""
    books.api.record("customers", code="C1", name="Harbour Hotel", jurisdiction="US-CA")
    books.api.record("suppliers", code="S1", name="Paper Mill", jurisdiction="US-CA")
    return books


def test_each_item_is_open_by_itself_and_what_they_come_to_waits_to_be_cleared(moving: Books) -> None:
    made = create(moving.api, kind="opening_items", text=ITEMS)
    assert (made["status"], made["total"]) == ("validated", 3)
    done = commit(moving.api, made)
    assert (done["status"], done["created"], done["events"]) == ("completed", 3, ["import.completed"])
    rows = moving.api.rows(
        "SELECT subledger, due_date::text, currency, amount::text, base_amount::text FROM ledger.open_item_balance"
        " ORDER BY due_date"
    )
    assert [tuple(row) for row in rows] == [
        ("receivable", "2026-11-15", "USD", "-50.00", "-50.00"),
        ("payable", "2026-11-30", "EUR", "-120.00", "-132.00"),
        ("receivable", "2026-12-15", "USD", "300.00", "300.00"),
    ]
    # 300 − 50 − 132 = 118 is owed to the company, and the account that clears the opening has the other side.
    assert moving.balances() == {"1200": "250.00", "2100": "-132.00", "1810": "-118.00"}
    (entry,) = moving.api.rows("SELECT data FROM kernel.document WHERE type = 'journal_entry'")
    assert [line.get("text") for line in entry.data["lines"]][:3] == ["INV-77", "CN-5", "B-9"]
    sound(moving.api)


def test_an_item_keeps_the_number_and_the_dates_of_its_document(moving: Books) -> None:
    """The day it came to the books is no date of an invoice."""
    text = ITEMS.replace(",date,", ",date,document_date,").replace(
        "2026-10-31,2026-12", "2026-10-31,2026-09-30,2026-12"
    )
    text = text.replace("2026-10-31,2026-11", "2026-10-31,,2026-11")
    commit(moving.api, create(moving.api, kind="opening_items", text=text))
    rows = moving.api.rows(
        "SELECT reference, document_date::text, effective_date::text FROM ledger.open_item ORDER BY reference"
    )
    assert [tuple(row) for row in rows] == [
        ("B-9", None, "2026-10-31"),
        ("CN-5", None, "2026-10-31"),
        ("INV-77", "2026-09-30", "2026-10-31"),
    ]
    late = create(moving.api, kind="opening_items", text=text.replace("09-30", "11-01").replace("INV-77", "INV-79"))
    assert errors(late) == [(1, "/document_date", "after_entry")]


def test_an_item_comes_once_by_its_party_and_number(moving: Books) -> None:
    commit(moving.api, create(moving.api, kind="opening_items", text=ITEMS))
    more = ITEMS + "C1,,INV-78,2026-10-31,2026-12-31,10.00,,\n"
    again = commit(moving.api, create(moving.api, kind="opening_items", text=more))
    assert (again["created"], again["skipped"]) == (1, 3)
    assert moving.balances()["1200"] == "260.00"


def test_every_row_that_is_wrong_is_told_and_nothing_is_posted(moving: Books) -> None:
    text = (
        "customer,supplier,number,date,due_date,amount,currency\n"
        "C1,S1,INV-1,2026-10-31,2026-12-15,300.00,\n"
        "C1,,INV-2,2026-10-31,,300.00,\n"
        "C1,,INV-3,2026-10-31,2026-12-15,much,\n"
        "NOBODY,,INV-4,2026-10-31,2026-12-15,5.00,\n"
        ",S1,B-1,2026-10-31,2026-12-15,5.001,\n"
    )
    answer = create(moving.api, kind="opening_items", text=text)
    assert errors(answer) == [
        (1, "", "customer_or_supplier"),
        (2, "/due_date", "required"),
        (3, "/amount", "not_a_number"),
        (4, "/customer", "unknown_customer"),
    ]
    right = text.replace("C1,S1,", "C1,,").replace("31,,300", "31,2026-12-15,300").replace("much", "1.00")
    answer = create(moving.api, kind="opening_items", text=right.replace("NOBODY", "C1"))
    assert [(row, pointer) for row, pointer, _ in errors(answer)] == [(5, "/amount")]
    assert moving.balances() == {}


def test_an_item_dated_into_a_closed_period_is_refused(moving: Books) -> None:
    moving.period("close_period", 10)
    answer = create(moving.api, kind="opening_items", text=ITEMS)
    assert [code for _, _, code in errors(answer)] == ["period_closed"]


def test_who_may_not_post_opening_balances_may_not_import_them(moving: Books) -> None:
    clerk = moving.api.as_("clerk", "imports.* records.*")
    body = {"kind": "opening_items", "text": ITEMS}
    assert clerk.call("create_import", body).expect(403)["permission"] == "ledger.post_opening_balances"


def test_statements_do_not_grow_with_the_items(moving: Books) -> None:
    def rows(first: int, count: int) -> list[dict[str, Any]]:
        one = {"customer": "C1", "date": "2026-10-31", "due_date": "2026-12-15", "amount": "1.00"}
        return [{**one, "number": f"I{n}"} for n in range(first, first + count)]

    commit(moving.api, create(moving.api, kind="opening_items", rows=rows(0, 1)))
    few, many = (
        len(counted(lambda m=made: commit(moving.api, m))[1])
        for made in [create(moving.api, kind="opening_items", rows=rows(*one)) for one in ((1, 1), (9, 200))]
    )
    assert few == many
    assert many <= 5
