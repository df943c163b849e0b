"""Payments, allocations and write-offs settle whatever a customer owes: entries by hand and opening items, too."""

from decimal import Decimal
from typing import Any

import pytest

from tests.receivables.notes import posted
from tests.receivables.test_create_allocation import allocate
from tests.receivables.test_create_write_off import write_off
from tests.receivables.test_void_payment import void as void_payment
from tests.support.integrity import sound
from tests.support.shop import Shop


def owed_by_hand(shop: Shop, *amounts: str, customer: str = "CUST001", **fields: Any) -> Any:
    """A journal entry that charges a customer amounts by hand, each an open item."""
    total = str(sum(map(Decimal, amounts)))
    lines = [{"account": "1200", "customer": customer, "debit": amount} for amount in amounts]
    body = {"text": "By hand", "post": True, "lines": [*lines, {"account": "4000", "credit": total}], **fields}
    key = {"Idempotency-Key": f"entry-{shop.api.requests}"}
    return shop.api.call("create_journal_entry", body, headers=key).expect(201).json


def items(shop: Shop, document: Any) -> list[Any]:
    """The open items of a document, in the order it opened them."""
    return list(
        shop.api.rows(
            "SELECT i.id::text AS id, b.settled::text AS settled FROM ledger.open_item i"
            " JOIN ledger.open_item_balance b ON b.open_item_id = i.id"
            " WHERE i.document_id = cast(:id AS uuid) ORDER BY i.instalment",
            id=document["id"],
        )
    )


def test_a_payment_settles_an_entry_by_its_number(shop: Shop) -> None:
    entry = owed_by_hand(shop, "100.00")
    payment = shop.pay("60.00", allocations=[{"document": entry["number"]}])
    (settled,) = payment["allocations"]
    assert (settled["invoice"]["code"], settled["type"], settled["amount"], settled["amount_due"]) == (
        entry["number"],
        "journal_entry",
        "60.00",
        "40.00",
    )
    assert posted(payment) == [("1020", Decimal("60.00")), ("1200", Decimal("-60.00"))]
    assert payment["events"] == ["payment.received"]
    void_payment(shop, payment)
    assert [row.settled for row in items(shop, entry)] == ["0.00"]
    sound(shop.api)


def test_a_payment_settles_one_item_of_an_entry(shop: Shop) -> None:
    entry = owed_by_hand(shop, "100.00", "30.00")
    second = items(shop, entry)[1].id
    shop.pay("30.00", allocations=[{"open_item": second}])
    assert [row.settled for row in items(shop, entry)] == ["0", "30.00"]
    sound(shop.api)


def test_without_allocations_everything_owed_is_settled_the_earliest_due_first(shop: Shop) -> None:
    invoice, entry = shop.invoice(), owed_by_hand(shop, "100.00")
    payment = shop.pay("150.00")
    assert [(one["invoice"]["code"], one["amount"]) for one in payment["allocations"]] == [
        (entry["number"], "100.00"),
        (invoice["number"], "50.00"),
    ]
    sound(shop.api)


def test_an_advance_is_allocated_to_an_item(shop: Shop) -> None:
    entry, advance = owed_by_hand(shop, "100.00", "30.00"), shop.pay("500.00", allocations=[])
    second = items(shop, entry)[1].id
    allocation = allocate(shop, [advance], [second])
    assert [(one["amount"], one["amount_left"]) for one in allocation["sources"]] == [("30.00", "470.00")]
    assert [row.settled for row in items(shop, entry)] == ["0", "30.00"]
    sound(shop.api)


def test_an_item_is_written_off(shop: Shop) -> None:
    entry = owed_by_hand(shop, "100.00", "30.00")
    answer = write_off(shop, [{"document": entry["number"], "amount": "120.00"}])
    assert posted(answer) == [("6200", Decimal("120.00")), ("1200", Decimal("-120.00"))]
    assert [row.settled for row in items(shop, entry)] == ["100.00", "20.00"]
    sound(shop.api)


@pytest.mark.parametrize(
    ("allocation", "status", "pointer", "code"),
    [
        ({"document": "JE-2026-000009"}, 422, "/allocations/0/document", "unknown_document"),
        ({"open_item": "019b772d-0e3b-7000-8000-000000000000"}, 422, "/allocations/0/open_item", "unknown_open_item"),
        ({"invoice": "{entry}"}, 422, "/allocations/0/invoice", "unknown_invoice"),
        ({"document": "{theirs}"}, 422, "/allocations/0/document", "unknown_document"),
        ({}, 422, "/allocations/0", "named_once"),
        ({"document": "{entry}", "invoice": "{entry}"}, 422, "/allocations/0", "named_once"),
    ],
)
def test_what_names_nothing_owed_is_refused(
    shop: Shop, allocation: dict[str, str], status: int, pointer: str, code: str
) -> None:
    entry, theirs = owed_by_hand(shop, "100.00"), owed_by_hand(shop, "50.00", customer="CUST002")
    named = {key: name.format(entry=entry["number"], theirs=theirs["number"]) for key, name in allocation.items()}
    before = shop.api.counts()
    problem = shop.pay("10.00", status=status, allocations=[named])
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(pointer, code)]
    assert shop.api.counts() == before


def test_an_item_and_its_document_are_not_settled_side_by_side(shop: Shop) -> None:
    entry = owed_by_hand(shop, "100.00", "30.00")
    first = items(shop, entry)[0].id
    before = shop.api.counts()
    problem = shop.pay("60.00", status=422, allocations=[{"open_item": first}, {"document": entry["number"]}])
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
        ("/allocations/0/open_item", "allocated_twice"),
        ("/allocations/1/document", "allocated_twice"),
    ]
    assert shop.api.counts() == before
