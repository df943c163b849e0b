"""A deferral schedule as it stands: what was recognised, by which entries, and what is still deferred."""

from typing import Any

import pytest

from tests.ledger.deferring import defer, recognise
from tests.ledger.test_run_deferrals import service
from tests.support.ledger import Books
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    """A year of service at 100.00 a month: three months are earned, then three of the twelve are credited."""
    books = Books(shop.api)
    items = [{"product": "SERV001", "quantity": 12, "unit_price": "100.00"}]
    invoice = shop.invoice("CUST002", date="2026-01-10", items=items)
    source = {"document": invoice["number"], "line": 2}
    schedule = defer(books, source=source, starts_on="2026-01-01", months=12)
    recognise(books, until="2026-03-31")
    body = {"reason": "Three months less", "date": "2026-04-05", "lines": [{"line": 1, "quantity": 3}]}
    shop.api.call("credit_invoice", body, path={"id": invoice["id"]}).expect(201)
    answer = example(path={"id": schedule["number"]})
    assert (answer["status"], answer["recognised"], answer["remaining"]) == ("active", "300.00", "600.00")
    entries = [one.get("entry", {}).get("code") for one in answer["instalments"]]
    assert entries == ["JE-2026-000001", "JE-2026-000002", "JE-2026-000003"] + [None] * 9
    assert answer["reductions"][0]["amount"] == "300.00"


def test_what_was_recognised_by_which_entry(books: Books) -> None:
    schedule = service(books)
    recognise(books, until="2026-09-30")
    answer = books.api.call("get_deferral_schedule", path={"id": schedule["number"]}).expect(200)
    assert (answer["status"], answer["recognised"], answer["remaining"]) == ("active", "33.33", "66.67")
    assert [one.get("entry", {}).get("code") for one in answer["instalments"]] == ["JE-2026-000002", None, None]


def test_one_statement_by_id_or_number_and_nothing_of_others(books: Books) -> None:
    schedule = service(books)
    answer, sent = counted(lambda: books.api.call("get_deferral_schedule", path={"id": schedule["id"]}))
    assert answer.expect(200)["number"] == "DEF-2026-000001"
    assert len(sent) == 2
    assert books.api.call("get_deferral_schedule", path={"id": "NONE"}).expect(404)["code"] == "not_found"
