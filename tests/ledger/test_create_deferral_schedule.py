"""Deferral schedules: from posted lines or by hand, straight-line by months or days, the last takes the rest."""

from typing import Any

import pytest

from tests.ledger.deferring import defer, planned
from tests.support.integrity import sound
from tests.support.ledger import Books, credit, debit
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    """A year of service, billed in advance."""
    invoice = shop.invoice("CUST002", items=[{"product": "SERV001", "quantity": 1, "unit_price": "1000.00"}])
    answer = example(
        body={
            "source": {"document": invoice["number"], "line": 2},
            "starts_on": "2026-11-01",
            "months": 12,
            "text": "Support for a year",
        },
        headers={"Idempotency-Key": "support"},
    )
    assert (answer["number"], answer["kind"], answer["amount"]) == ("DEF-2026-000001", "revenue", "1000.00")
    assert (answer["starts_on"], answer["ends_on"]) == ("2026-11-01", "2027-10-31")
    assert [one["amount"] for one in answer["instalments"]] == ["83.33"] * 11 + ["83.37"]
    assert (planned(answer.json)[0][0], planned(answer.json)[-1][0]) == ("2026-11-30", "2027-10-31")
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in answer["posting"]["lines"]] == [
        ("4000", "1000.00", "0.00"),
        ("2310", "0.00", "1000.00"),
    ]


def test_a_line_in_the_result_is_taken_off_it_on_its_own_day(books: Books) -> None:
    books.dimension("CENTRE", "NORTH")
    entry = books.enter(
        debit("6140", "1200.00", dimensions={"CENTRE": "NORTH"}), credit("1020", "1200.00"), date="2026-10-15"
    )
    schedule = defer(
        books,
        source={"document": entry["id"], "line": 1},
        starts_on="2026-10-15",
        ends_on="2027-10-14",
        dimensions={"CENTRE": "NORTH"},
    )
    assert (schedule["kind"], schedule["source"]["code"], schedule["source_line"]) == ("expense", entry["number"], 1)
    assert books.balances() == {"1020": "-1200.00", "1300": "1200.00"}
    assert books.balances(as_of="2026-10-14") == {}
    sound(books.api)


def test_a_line_on_the_deferral_account_stays_there(books: Books) -> None:
    entry = books.enter(debit("1020", "300.00"), credit("2310", "300.00"))
    schedule = defer(
        books, source={"document": entry["number"], "line": 2}, account="4010", starts_on="2026-12-01", months=3
    )
    assert schedule["deferral_account"]["code"] == "2310"
    assert "posting" not in schedule
    assert planned(schedule) == [("2026-12-31", "100.00"), ("2027-01-31", "100.00"), ("2027-02-28", "100.00")]
    assert books.balances() == {"1020": "300.00", "2310": "-300.00"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            {"starts_on": "2026-11-16", "ends_on": "2027-01-10", "method": "days"},
            [("2026-11-30", "26.79"), ("2026-12-31", "55.36"), ("2027-01-10", "17.85")],
        ),
        (
            {"starts_on": "2026-11-16", "ends_on": "2027-01-10", "method": "months"},
            [("2026-11-30", "33.33"), ("2026-12-31", "33.33"), ("2027-01-31", "33.34")],
        ),
        ({"starts_on": "2027-01-31", "months": 1, "method": "months"}, [("2027-01-31", "100.00")]),
    ],
)
def test_straight_line_by_days_or_months(books: Books, body: Any, expected: Any) -> None:
    """56 days: 15 of November, 31 of December, 10 of January."""
    schedule = defer(books, kind="expense", amount="100.00", account="6140", **body)
    assert planned(schedule) == expected
    assert (schedule["deferral_account"]["code"], schedule["remaining"]) == ("1300", "100.00")


def test_parts_that_round_to_nothing_are_left_out(books: Books) -> None:
    schedule = defer(books, kind="revenue", amount="0.01", account="4010", starts_on="2026-11-01", months=3)
    assert planned(schedule) == [("2027-01-31", "0.01")]


def test_a_line_is_deferred_once(books: Books) -> None:
    entry = books.enter(debit("6140", "12.00"), credit("1020", "12.00"))
    body = {"source": {"document": entry["number"], "line": 1}, "starts_on": "2026-11-01", "months": 2}
    first = defer(books, **body)
    before = books.api.counts()
    refused = defer(books, 409, **body)
    assert refused["code"] == "deferred_already"
    assert first["number"] in refused["detail"]
    assert books.api.counts() == before


SOURCE = {"starts_on": "2026-11-01", "months": 2}
BY_HAND = {"kind": "revenue", "amount": "9.00", "account": "4010", **SOURCE}


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"source": {"document": "NONE", "line": 1}, **SOURCE}, "/source/document", "unknown_document"),
        ({"source": {"document": "JE-2026-000001", "line": 9}, **SOURCE}, "/source/line", "unknown_line"),
        ({"source": {"document": "JE-2026-000001", "line": 2}, **SOURCE}, "/account", "required"),
        ({"source": {"document": "JE-2026-000001", "line": 1}, "amount": "12.01", **SOURCE}, "/amount", "too_much"),
        ({"source": {"document": "JE-2026-000001", "line": 3}, **SOURCE}, "/source/line", "wrong_side"),
        (BY_HAND | {"account": "6140"}, "/account", "account_not_suitable"),
        (BY_HAND | {"deferral_account": "1200"}, "/deferral_account", "account_not_suitable"),
        (BY_HAND | {"amount": "9.001"}, "/amount", "too_precise"),
        (BY_HAND | {"ends_on": "2026-12-31"}, "", "ends_on_or_months"),
        ({"amount": "9.00", **SOURCE}, "", "source_or_amount"),
    ],
)
def test_what_does_not_fit_is_pointed_at(books: Books, body: Any, pointer: str, code: str) -> None:
    books.enter(debit("6140", "12.00"), credit("1020", "11.00"), credit("6150", "1.00"))
    before = books.api.counts()
    refused = defer(books, 422, **body)
    assert (refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == (pointer, code)
    assert books.api.counts() == before


def test_what_was_taken_back_is_not_deferred(books: Books) -> None:
    entry = books.enter(debit("6140", "12.00"), credit("1020", "12.00"))
    books.act("void_journal_entry", entry, reason="Wrong")
    refused = defer(books, 409, source={"document": entry["number"], "line": 1}, starts_on="2026-11-01", months=2)
    assert refused["code"] == "conflict"


def test_the_transfer_needs_an_open_period(books: Books) -> None:
    entry = books.enter(debit("6140", "12.00"), credit("1020", "12.00"), date="2026-10-31")
    books.period("close_period", 10)
    body = {"source": {"document": entry["number"], "line": 1}, "starts_on": "2026-11-01", "months": 2}
    before = books.api.counts()
    assert defer(books, 422, **body)["code"] == "period_closed"
    assert books.api.counts() == before
    defer(books, **body, on_closed_period="next_open")
    assert books.balances(as_of="2026-11-01") == {"1020": "-12.00", "1300": "12.00"}
