"""What even SQL written by hand cannot do to the dimensions of posted lines."""

import json
from typing import Any

import pytest

from tests.database.test_ledger_constraints import Books
from tests.support.api import Api
from tests.support.ledger import Books as Kept

pytestmark = pytest.mark.one_driver  # of Postgres alone


@pytest.fixture
def books(api: Api) -> Books:
    """Books in which the lines of receivables name one of two branches, from November on."""
    kept = Kept(api)
    kept.dimension("BRANCH", "NORTH", "SOUTH", "EAST")
    kept.dimension("TEAM", "RED", valid_from="2026-11-01", valid_to="2026-11-30")
    asked = {"dimension": "BRANCH", "values": ["NORTH", "SOUTH"], "required_from": "2026-11-01"}
    kept.change("accounts", "1200", dimensions=[asked])
    return Books(api)


def lines(amount: str = "1.00", **more: Any) -> list[dict[str, Any]]:
    dimensions = json.dumps(more.pop("dimensions", {}))
    return [
        {"amount": amount, "dimensions": dimensions} | more,
        {"amount": f"-{amount}", "dimensions": "{}"} | more,
    ]


@pytest.mark.parametrize(
    ("dimensions", "day", "constraint"),
    [
        ({}, "2026-11-23", "dimension_required"),
        ({"TEAM": "RED"}, "2026-11-23", "dimension_required"),
        ({"BRANCH": "EAST"}, "2026-11-23", "dimension_required"),
        ({"BRANCH": "NORTH", "TEAM": "NORTH"}, "2026-11-23", "dimension_known"),
        ({"BRANCH": "NORTH", "TEAM": "RED"}, "2026-12-01", "dimension_known"),
        ({"BRANCH": "NORTH", "NONE": "RED"}, "2026-11-23", "dimension_known"),
    ],
)
def test_a_line_has_what_its_account_asks_for_and_no_value_that_is_none(
    books: Books, dimensions: dict[str, str], day: str, constraint: str
) -> None:
    assert books.refuse(*lines(dimensions=dimensions, effective_date=day)) == constraint


def test_lines_that_fit_are_posted(books: Books) -> None:
    books.post(*lines(dimensions={"BRANCH": "NORTH", "TEAM": "RED"}))
    books.post(*lines("2.00", effective_date="2026-10-31", document_id=books.documents[1]))
    found = books.api.rows(
        "SELECT day::text, dimensions::text, debit::text FROM ledger.balance WHERE account_id = :account ORDER BY day",
        account=str(books.accounts[1]),
    )
    assert [tuple(row) for row in found] == [
        ("2026-10-31", "{}", "2.00"),
        ("2026-11-23", '{"TEAM": "RED", "BRANCH": "NORTH"}', "1.00"),
    ]


def test_an_archived_value_takes_no_new_lines(books: Books) -> None:
    books.api.call("archive_record", path={"resource": "dimension-values", "id": "NORTH"}).expect(200)
    assert books.refuse(*lines(dimensions={"BRANCH": "NORTH"})) == "dimension_known"
