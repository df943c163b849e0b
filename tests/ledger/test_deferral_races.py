"""Deferring a line, crediting it and voiding its document at the same moment: one comes after the other.

Each caller has read the same before any of them writes; whoever comes second has to see what the first one did.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.ledger.deferring import planned
from tests.support.integrity import sound
from tests.support.ledger import Books
from tests.support.purchases import Purchases
from tests.support.races import racing
from tests.support.shop import Shop

SPAN = {"starts_on": "2026-11-01", "months": 12}


def call(books: Books, operation: str, body: Any, key: str, **path: str) -> Any:
    return books.api.call(operation, body, path=path or None, headers={"Idempotency-Key": key})


def deferring(books: Books, document: Any, line: int = 2) -> Callable[[], Any]:
    body = {"source": {"document": document["number"], "line": line}, **SPAN}
    return partial(call, books, "create_deferral_schedule", body, f"defer-{line}")


@pytest.fixture
def service(books: Books) -> Any:
    """A year of service for 1,200.00, billed."""
    item = {"product": "SERV001", "quantity": 12, "unit_price": "100.00"}
    return Shop(books.api).invoice("CUST002", date="2026-11-10", items=[item])


def schedules(books: Books) -> list[Any]:
    found = books.api.call("list_deferral_schedules").expect(200).json["data"]
    return [books.api.call("get_deferral_schedule", path={"id": one["id"]}).expect(200).json for one in found]


def test_a_credit_note_and_a_deferral(books: Books, service: Any) -> None:
    """Whichever comes first, 900.00 of the 1,200.00 are deferred once 300.00 are credited."""
    credit = {"reason": "Three months less", "lines": [{"line": 1, "quantity": 3}]}
    made = racing(
        [deferring(books, service), partial(call, books, "credit_invoice", credit, "credit", id=service["id"])]
    )
    assert [answer.status for answer in made] == [201, 201]
    (schedule,) = schedules(books)
    assert (schedule["amount"], schedule["remaining"]) == ("900.00", "900.00")
    assert books.balances()["2310"] == "-900.00"
    assert "4000" not in books.balances()
    sound(books.api)


def test_a_supplier_credit_and_a_deferral(books: Books) -> None:
    buyer = Purchases(books.api)
    bill = buyer.bill(items=[{"account": "6140", "quantity": 12, "unit_price": "100.00"}], date="2026-11-10")
    credit = {"supplier_number": "CN-1", "reason": "Less", "lines": [{"line": 1, "quantity": 3}]}
    made = racing([deferring(books, bill, 1), partial(call, books, "credit_bill", credit, "credit", id=bill["id"])])
    assert [answer.status for answer in made] == [201, 201]
    (schedule,) = schedules(books)
    assert (schedule["kind"], schedule["amount"]) == ("expense", "900.00")
    assert books.balances()["1300"] == "900.00"
    assert "6140" not in books.balances()
    sound(books.api)


def test_a_void_and_a_deferral(books: Books, service: Any) -> None:
    """A document that is void defers nothing: the deferral is refused, or goes with it."""
    void = partial(call, books, "void_invoice", {"reason": "Never agreed"}, "void", id=service["id"])
    deferred, voided = racing([deferring(books, service), void])
    assert (voided.status, deferred.status in (201, 409)) == (200, True)
    assert [(one["status"], one["remaining"]) for one in schedules(books)] in ([], [("cancelled", "0.00")])
    assert {"1200", "4000", "2310"} & books.balances().keys() == set()
    sound(books.api)


def test_two_lines_of_a_document_are_both_deferred(books: Books) -> None:
    """They do not stand in each other's way: the one that comes second is worked out anew."""
    items = [{"product": "SERV001", "quantity": 1, "unit_price": price} for price in ("120.00", "240.00")]
    invoice = Shop(books.api).invoice("CUST002", date="2026-11-10", items=items)
    made = racing([deferring(books, invoice, 2), deferring(books, invoice, 3)])
    assert [answer.status for answer in made] == [201, 201]
    assert [planned(answer.json)[0][1] for answer in made] == ["10.00", "20.00"]
    (row,) = books.api.rows("SELECT array_agg(number ORDER BY number)::text AS numbers FROM ledger.deferral_change")
    assert row.numbers == "{1,2}"
