"""Allocations many to many: partial, within what is open, with the exchange difference of each."""

from decimal import Decimal
from typing import Any

import pytest

from tests.receivables.notes import credit_note, posted
from tests.receivables.test_foreign_invoices import base_lines, euros, set_rate
from tests.receivables.test_foreign_payments import close_november
from tests.support.shop import Shop
from tests.support.statements import counted


def allocate(shop: Shop, sources: list[Any], invoices: list[Any], status: int = 201, **fields: Any) -> Any:
    """Allocate documents to invoices, each a document or a pair of one and an amount, or the id of an open item."""

    def named(one: Any, name: str) -> dict[str, str]:
        if isinstance(one, str):
            return {"open_item": one}
        return {name: one[0]["number"], "amount": one[1]} if isinstance(one, tuple) else {name: one["number"]}

    body = {
        "customer": "CUST001",
        "sources": [named(one, "document") for one in sources],
        "invoices": [named(one, "invoice") for one in invoices],
    } | fields
    key = {"Idempotency-Key": f"allocation-{shop.api.requests}"}
    return shop.api.call("create_allocation", body, headers=key).expect(status).json


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    invoice, advance = shop.invoice(), shop.pay("500.00", allocations=[])
    answer = example(
        body={
            "customer": "CUST001",
            "sources": [{"document": advance["number"]}],
            "invoices": [{"invoice": invoice["number"], "amount": "300.00"}],
        },
        headers={"Idempotency-Key": "allocation-1"},
    )
    assert answer.status == 201
    assert answer["sources"][0]["amount_left"] == "200.00"
    assert answer["invoices"][0]["amount_due"] == "987.00"


def test_two_sources_settle_two_invoices_in_order(shop: Shop) -> None:
    """What is due follows from the items, and is never typed."""
    first, second = shop.invoice(), shop.invoice()
    advance = shop.pay("1000.00", allocations=[])
    note = credit_note(shop, "CUST001", items=[{"product": "PROD001", "quantity": 4}])
    answer = allocate(shop, [advance, note], [first, (second, "200.00")])
    assert [(one["amount"], one["amount_left"]) for one in answer["sources"]] == [
        ("1000.00", "0.00"),
        ("487.00", "27.80"),
    ]
    assert [(one["amount"], one["amount_due"], one["status"]) for one in answer["invoices"]] == [
        ("1287.00", "0.00", "paid"),
        ("200.00", "1087.00", "partially_paid"),
    ]
    assert posted(answer) == [("2300", Decimal("1000.00")), ("1200", Decimal("-1000.00"))]
    assert answer["events"] == [
        "payment.matched",
        "invoice.paid",
        "invoice.partially_paid",
        "credit_note.settled",
    ]
    read = shop.api.call("get_credit_note", path={"id": note["id"]}).expect(200)
    assert (read["status"], read["amount_left"]) == ("partially_settled", "27.80")
    listed = shop.api.call("list_payments").expect(200)["data"]
    assert [one["amount_left"] for one in listed] == ["0.00"]
    assert shop.trial_balance()["1200"] == "1059.20"
    assert shop.invoice()["credit"]["exposure"] == "2374.00"


def test_a_credit_note_against_its_own_account_posts_nothing(shop: Shop) -> None:
    invoice, note = shop.invoice(), credit_note(shop, "CUST001")
    assert allocate(shop, [note], [invoice])["posting"] == {"lines": []}


def test_the_difference_between_their_rates_is_realised(shop: Shop) -> None:
    """It is realised per allocation, also of a part, and nothing is left in base currency."""
    set_rate(shop, "1.10", "2026-11-01")
    set_rate(shop, "1.20", "2026-11-20")
    advance = shop.pay("300.00", "CUST002", currency="EUR", allocations=[], date="2026-11-19")
    invoice = euros(shop, date="2026-11-20")
    answer = allocate(shop, [advance], [invoice], customer="CUST002")
    assert base_lines(answer) == [("2300", 330), ("1200", -360), ("6320", 30)]
    assert answer["invoices"][0]["exchange_difference"] == "-30.00"
    shop.pay("100.00", "CUST002", currency="EUR")
    assert shop.trial_balance().get("1200", "0") == "0"


@pytest.mark.parametrize(
    ("source", "wanted", "pointer", "code"),
    [
        ("500.01", "1.00", "/sources/0/amount", "over_allocated"),
        ("100.00", "100.01", "/invoices/0/amount", "over_allocated"),
        ("100.001", "1.00", "/sources/0/amount", "too_precise"),
        ("100.00", "1.001", "/invoices/0/amount", "too_precise"),
    ],
)
def test_no_more_than_is_open_or_left(shop: Shop, source: str, wanted: str, pointer: str, code: str) -> None:
    invoice, advance = shop.invoice(), shop.pay("500.00", allocations=[])
    before = shop.api.counts()
    problem = allocate(shop, [(advance, source)], [(invoice, wanted)], 422)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(pointer, code)]
    assert shop.api.counts() == before


def test_what_is_not_open_for_the_customer_is_refused(shop: Shop) -> None:
    other, advance = shop.invoice("CUST002"), shop.pay("500.00", allocations=[])
    mine = shop.invoice()
    before = shop.api.counts()
    problem = allocate(shop, [advance, advance], [other, mine], 422)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
        ("/sources/1/document", "allocated_twice")
    ]
    problem = allocate(shop, [advance], [other], 422)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
        ("/invoices/0/invoice", "nothing_open")
    ]
    assert allocate(shop, [advance], [mine], 422, customer="NOBODY")["code"] == "unknown_reference"
    assert shop.api.counts() == before


def test_its_day_is_the_first_open_one_unless_it_is_given(shop: Shop) -> None:
    """A lock does not hold an allocation up, and does not date it back."""
    invoice, advance = shop.invoice(), shop.pay("500.00", allocations=[])
    close_november(shop, "sales")
    before = shop.api.counts()
    refused = allocate(shop, [advance], [invoice], 422, date="2026-11-23")
    assert (refused["code"], refused["suggested_date"]) == ("period_closed", "2026-12-01")
    assert shop.api.counts() == before
    assert allocate(shop, [advance], [invoice])["date"] == "2026-12-01"


def test_it_is_not_dated_before_what_it_settles(shop: Shop) -> None:
    invoice, advance = shop.invoice(), shop.pay("500.00", allocations=[])
    before = shop.api.counts()
    assert allocate(shop, [advance], [invoice], 422, date="2026-11-22")["code"] == "dated_too_early"
    assert shop.api.counts() == before


def test_the_number_of_statements_does_not_depend_on_the_documents(shop: Shop) -> None:
    invoices = [shop.invoice("CUST002", items=[{"product": "SERV001", "quantity": 1}]) for _ in range(4)]
    advance = shop.pay("300.00", "CUST002", allocations=[])
    allocate(shop, [advance], invoices[:1], customer="CUST002")
    _, for_one = counted(lambda: allocate(shop, [advance], invoices[1:2], customer="CUST002"))
    _, for_two = counted(lambda: allocate(shop, [advance], invoices[2:], customer="CUST002"))
    assert for_one == for_two
    assert len(for_one) == 3  # open, read, flush


def test_a_trial_run_shows_the_exchange_difference_and_its_day(shop: Shop) -> None:
    """What an allocation will post of exchange differences, and on which day, is seen before anything is kept."""
    set_rate(shop, "1.10", "2026-11-01")
    set_rate(shop, "1.20", "2026-11-20")
    advance = shop.pay("300.00", "CUST002", currency="EUR", allocations=[], date="2026-11-19")
    invoice = euros(shop, date="2026-11-20")
    close_november(shop, "sales")
    body = {"customer": "CUST002", "sources": [{"document": advance["number"]}]}
    body |= {"invoices": [{"invoice": invoice["number"], "amount": "100.00"}]}
    before = shop.api.counts()
    headers = {"Idempotency-Key": "trial"}
    shown = shop.api.call("create_allocation", body, headers=headers, query={"dry_run": "true"}).expect(200).json
    assert (shown["date"], shown["invoices"][0]["exchange_difference"]) == ("2026-12-01", "-10.00")
    assert base_lines(shown) == [("2300", 110), ("1200", -120), ("6320", 10)]
    assert shop.api.counts() == before
    made = shop.api.call("create_allocation", body, headers=headers).expect(201).json
    assert (made["date"], base_lines(made)) == (shown["date"], base_lines(shown))
