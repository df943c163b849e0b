"""A year closed with dimensions: what each cost centre earned stays its own, with numbers of another test suite.

Source: ERPNext, accounts/doctype/period_closing_voucher/test_period_closing_voucher.py (test_closing_entry,
test_cost_center_wise_posting, test_dimension_grouped_opening_balance_matches_gl_scan).
"""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.integrity import sound
from tests.support.ledger import Books, credit, debit
from tests.support.reports import rows


@pytest.fixture
def books(api: Api) -> Books:
    made = Books(api)
    made.year(2025)
    api.record("dimensions", code="CENTRE", name="Cost centre")
    for code in ("NORTH", "SOUTH"):
        api.record("dimension-values", code=code, name=code, dimension="CENTRE")
    return made


def centre(line: dict[str, Any], code: str) -> dict[str, Any]:
    return {**line, "dimensions": {"CENTRE": code}}


def sell(books: Books, amount: str, code: str, **fields: Any) -> None:
    lines = [centre(debit("1010", amount), code), centre(credit("4010", amount), code)]
    books.enter(*lines, **{"date": "2025-03-15"} | fields)


def close(books: Books) -> list[tuple[str, str, str, str | None]]:
    """Close the year; its entry's accounts, debits, credits and cost centres."""
    path = {"id": "FY2025"}
    closing = books.api.call("close_fiscal_year", {}, path=path, headers=books.key()).expect(200).json
    entry = books.get(closing["entry"])
    return sorted(
        (line["account"]["code"], line["debit"], line["credit"], (line.get("dimensions") or {}).get("CENTRE"))
        for line in entry["lines"]
    )


def test_each_centre_keeps_what_it_earned(books: Books) -> None:
    """400.00 and 200.00 of two cost centres are closed each to its own."""
    sell(books, "400.00", "NORTH")
    sell(books, "200.00", "SOUTH")
    assert close(books) == [
        ("3100", "0.00", "200.00", "SOUTH"),
        ("3100", "0.00", "400.00", "NORTH"),
        ("4010", "200.00", "0.00", "SOUTH"),
        ("4010", "400.00", "0.00", "NORTH"),
    ]
    sound(books.api)


def test_a_loss_of_one_centre(books: Books) -> None:
    """Sales of 400.00 and a cost of 600.00: the surplus account bears 200.00."""
    sell(books, "400.00", "NORTH")
    books.enter(centre(debit("5010", "600.00"), "NORTH"), centre(credit("1010", "600.00"), "NORTH"), date="2025-03-15")
    assert close(books) == [
        ("3100", "200.00", "0.00", "NORTH"),
        ("4010", "400.00", "0.00", "NORTH"),
        ("5010", "0.00", "600.00", "NORTH"),
    ]
    sound(books.api)


def test_the_balance_sheet_of_a_centre_holds_after_the_close(books: Books) -> None:
    """The next year adds to it: 400.00 and 500.00 by centre, as if every line were added up."""
    sell(books, "400.00", "NORTH")
    sell(books, "200.00", "SOUTH")
    before = sheet(books, "NORTH", "2025-12-31"), sheet(books, "SOUTH", "2025-12-31")
    close(books)
    assert (sheet(books, "NORTH", "2025-12-31"), sheet(books, "SOUTH", "2025-12-31")) == before
    sell(books, "300.00", "SOUTH", date="2026-03-15")
    assert (sheet(books, "NORTH", "2026-03-31"), sheet(books, "SOUTH", "2026-03-31")) == (
        ("400.00", "400.00", None),
        ("500.00", "500.00", None),
    )


def sheet(books: Books, code: str, day: str) -> tuple[str, str, str | None]:
    """What a cost centre has, the sum of the other side, and what of it stands with other centres."""
    query = {"as_of": day, "dimension[CENTRE]": code}
    found = rows(books.api.call("get_balance_sheet", query=query).expect(200).json, 0)
    return found["assets.total"], found["liabilities_and_equity"], found.get("equity.other_dimensions")
