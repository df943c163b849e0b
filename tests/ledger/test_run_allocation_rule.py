"""Allocation: what accounts came to is spread by weight, to the cent, and what was spread is not spread again."""

from typing import Any

import pytest

from tests.support.integrity import sound
from tests.support.ledger import Books, credit, debit
from tests.support.shop import Shop
from tests.support.statements import counted

OCTOBER = {"date_from": "2026-10-01", "date_to": "2026-10-31"}


def rule(books: Books, code: str = "OFFICE", status: int = 201, **fields: Any) -> Any:
    body = {"code": code, "name": code.title(), "company": "MAIN", **fields}
    return books.api.call("create_record", body, path={"resource": "allocation-rules"}).expect(status).json


def run(books: Books, code: str = "OFFICE", status: int = 200, **body: Any) -> Any:
    call = books.api.call("run_allocation_rule", body or OCTOBER, path={"id": code}, headers=books.key())
    return call.expect(status).json


def spend(books: Books, amount: str, account: str = "6120", on: str = "2026-10-15", **dimensions: str) -> Any:
    more = {"dimensions": dimensions} if dimensions else {}
    return books.enter(debit(account, amount, **more), credit("1020", amount), date=on)


def by_centre(books: Books, account: str = "6120", **query: str) -> dict[str | None, str]:
    query = {"account": account, "dimension": "CENTRE", **query}
    rows = books.api.call("get_account_balances", query=query).expect(200)["rows"]
    return {row.get("value", {}).get("code"): row["closing"] for row in rows}


@pytest.fixture
def centres(books: Books) -> Books:
    """Rent without a cost centre is borne by two, two to one."""
    books.dimension("CENTRE", "NORTH", "SOUTH")
    rule(
        books,
        sources=[{"account": "6120", "without": ["CENTRE"]}],
        targets=[
            {"dimensions": {"CENTRE": "NORTH"}, "weight": "2"},
            {"dimensions": {"CENTRE": "SOUTH"}},
        ],
    )
    return books


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    books = Books(shop.api)
    rule(books, sources=[{"account": "6130"}], targets=[{"account": "6000", "weight": 2}, {"account": "6150"}])
    spend(books, "100.00", "6130")
    answer = example(path={"id": "OFFICE"}, body=OCTOBER, headers={"Idempotency-Key": "october"})
    assert answer["allocated"] == "100.00"
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in answer["lines"]] == [
        ("6000", "66.67", "0.00"),
        ("6130", "0.00", "100.00"),
        ("6150", "33.33", "0.00"),
    ]
    assert answer["events"] == ["journal_entry.created", "journal_entry.posted", "allocation.posted"]


def test_an_account_is_spread_over_the_values_of_a_dimension(centres: Books) -> None:
    spend(centres, "100.00")
    spend(centres, "7.00", CENTRE="SOUTH")
    spend(centres, "50.00", on="2026-11-01")
    answer = run(centres)
    assert (answer["allocated"], answer["entry"]["code"]) == ("100.00", "JE-2026-000004")
    assert by_centre(centres, as_of="2026-10-31") == {"NORTH": "66.67", "SOUTH": "40.33", None: "0.00"}
    assert centres.balances(as_of="2026-10-31") == {"1020": "-107.00", "6120": "107.00"}
    sound(centres.api)


def test_run_again_it_takes_only_what_was_posted_since(centres: Books) -> None:
    spend(centres, "100.00")
    run(centres)
    before = centres.api.counts()
    again = run(centres)
    assert (again["allocated"], again.get("entry"), again["lines"]) == ("0.00", None, [])
    assert {**centres.api.counts(), "kernel.idempotency": 0} == {**before, "kernel.idempotency": 0}
    spend(centres, "0.02")
    assert run(centres)["allocated"] == "0.02"
    assert by_centre(centres) == {"NORTH": "66.68", "SOUTH": "33.34", None: "0.00"}
    rows = centres.api.rows("SELECT number FROM ledger.allocation_run ORDER BY number")
    assert [row.number for row in rows] == [1, 2]


def test_a_dry_run_shows_it_and_leaves_nothing(centres: Books) -> None:
    spend(centres, "1.00")
    before = centres.api.counts()
    answer = centres.api.call(
        "run_allocation_rule", OCTOBER, path={"id": "OFFICE"}, query={"dry_run": "true"}, headers=centres.key()
    ).expect(200)
    assert [(line["debit"], line["credit"], line.get("dimensions")) for line in answer["lines"]] == [
        ("0.67", "0.00", {"CENTRE": "NORTH"}), ("0.33", "0.00", {"CENTRE": "SOUTH"}), ("0.00", "1.00", None),
    ]  # fmt: skip
    assert centres.api.counts() == before


def test_credits_are_spread_as_debits_are(centres: Books) -> None:
    spend(centres, "10.00")
    centres.enter(credit("6120", "10.03"), debit("1020", "10.03"), date="2026-10-20")
    assert run(centres)["allocated"] == "-0.03"
    assert by_centre(centres) == {"NORTH": "-0.02", "SOUTH": "-0.01", None: "0.00"}


@pytest.mark.parametrize(
    ("targets", "pointer", "code"),
    [
        ([{"weight": "1"}], "/targets/0", "is_a_source"),
        ([{"account": "6120"}], "/targets/0", "is_a_source"),
        ([{"account": "61"}], "/targets/0/account", "account_not_postable"),
        ([{"account": "6150", "weight": "0"}], "/targets/0/weight", "greater_than"),
        ([{"account": "6150", "dimensions": {"NONE": "X"}}], "/targets/0/dimensions/NONE", "unknown_dimension_value"),
    ],
)
def test_a_rule_that_does_not_fit_is_refused(books: Books, targets: Any, pointer: str, code: str) -> None:
    """A target that is a source would be spread anew by each run."""
    refused = rule(books, status=422, sources=[{"account": "6120"}], targets=targets)
    assert (refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == (pointer, code)


def test_a_default_of_the_account_is_not_mistaken_for_what_was_posted(centres: Books) -> None:
    spend(centres, "5.00")
    centres.change("accounts", "6120", dimensions=[{"dimension": "CENTRE", "default": "NORTH"}])
    before = centres.api.counts()
    assert run(centres, status=422)["code"] == "dimension_required"
    assert centres.api.counts() == before


def test_refusals(centres: Books) -> None:
    assert run(centres, "NONE", 404)["code"] == "not_found"
    assert run(centres, status=422, date_from="2026-10-02", date_to="2026-10-01")["code"] == "invalid_request"
    spend(centres, "5.00")
    centres.period("close_period", 10)
    assert run(centres, status=422)["code"] == "period_closed"


def test_statements_do_not_grow_with_what_is_spread(centres: Books) -> None:
    spend(centres, "5.00")
    few = len(counted(lambda: run(centres))[1])
    centres.dimension("TEAM", *(f"T{number}" for number in range(20)))
    lines = [debit("6120", "1.00", dimensions={"TEAM": f"T{number}"}) for number in range(20)]
    centres.enter(*lines, credit("1020", "20.00"), date="2026-10-16")
    many = len(counted(lambda: run(centres))[1])
    assert few == many
    assert many <= 5
