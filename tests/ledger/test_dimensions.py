"""Dimensions: what accounts ask of their lines, on entries by hand, on invoices and at the year end."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.integrity import sound
from tests.support.ledger import Books, credit, debit
from tests.support.shop import Shop

RENT = "6120"


@pytest.fixture
def centres(books: Books) -> Books:
    """Rent is told apart by cost centre, and every line on it names one of two."""
    books.dimension("CENTRE", "NORTH", "SOUTH", "EAST")
    books.change("accounts", RENT, dimensions=[{"dimension": "CENTRE", "values": ["NORTH", "SOUTH"]}])
    return books


def rent(books: Books, amount: str = "100.00", status: int = 201, on: str = "2026-11-20", **dimensions: str) -> Any:
    line = debit(RENT, amount, dimensions=dimensions) if dimensions else debit(RENT, amount)
    return books.enter(line, credit("1020", amount), date=on, status=status)


def lines(api: Api) -> list[tuple[str, str, str]]:
    """Account, amount and dimensions of every posted line."""
    return [
        tuple(row)
        for row in api.rows(
            "SELECT a.number, l.amount::text, l.dimensions::text FROM ledger.journal_line l"
            " JOIN kernel.document a ON a.id = l.account_id ORDER BY l.recorded_at, l.document_id, l.entry, l.line"
        )
    ]


def test_a_line_carries_its_dimensions_to_the_ledger_and_back(centres: Books) -> None:
    entry = rent(centres, CENTRE="NORTH")
    assert entry["lines"][0]["dimensions"] == {"CENTRE": "NORTH"}
    assert entry["posting"]["lines"][0]["dimensions"] == {"CENTRE": "NORTH"}
    assert "dimensions" not in entry["posting"]["lines"][1]
    assert lines(centres.api) == [(RENT, "100.00", '{"CENTRE": "NORTH"}'), ("1020", "-100.00", "{}")]
    page = centres.api.call("get_account_ledger", path={"id": RENT}).expect(200).json
    assert page["data"][0]["dimensions"] == {"CENTRE": "NORTH"}
    sound(centres.api)


def test_ids_name_dimensions_and_values_as_codes_do(centres: Books) -> None:
    ids = {
        code: centres.api.call("get_record", path={"resource": resource, "id": code}).expect(200)["id"]
        for resource, code in (("dimensions", "CENTRE"), ("dimension-values", "SOUTH"))
    }
    entry = rent(centres, **{ids["CENTRE"]: ids["SOUTH"]})
    assert entry["lines"][0]["dimensions"] == {"CENTRE": "SOUTH"}


@pytest.mark.parametrize(
    ("dimensions", "pointer", "code", "problem"),
    [
        ({}, "/lines/0/dimensions/CENTRE", "dimension_required", "dimension_required"),
        ({"CENTRE": "EAST"}, "/lines/0/dimensions/CENTRE", "dimension_not_allowed", "dimension_required"),
        ({"CENTRE": "NOWHERE"}, "/lines/0/dimensions/CENTRE", "unknown_dimension_value", "dimension_invalid"),
        ({"NOTHING": "NORTH"}, "/lines/0/dimensions/NOTHING", "unknown_dimension", "dimension_invalid"),
        ({"CENTRE": "RED"}, "/lines/0/dimensions/CENTRE", "other_dimension", "dimension_invalid"),
        ({"CENTRE": "NORTH", "TEAM": "RED"}, "/lines/0/dimensions/TEAM", "not_valid_then", "dimension_invalid"),
    ],
)
def test_what_does_not_fit_is_pointed_at_and_nothing_is_posted(
    centres: Books, dimensions: dict[str, str], pointer: str, code: str, problem: str
) -> None:
    centres.dimension("TEAM", "RED", valid_to="2026-10-31")
    before = centres.api.counts()
    refused = rent(centres, status=422, **dimensions)
    assert (refused["code"], refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == (problem, pointer, code)
    assert centres.api.counts() == before


def test_an_account_may_ask_from_a_day_on_and_have_a_default(books: Books) -> None:
    books.dimension("CENTRE", "NORTH", "SOUTH")
    asked = {"dimension": "CENTRE", "required_from": "2026-11-01"}
    books.change("accounts", RENT, dimensions=[asked])
    rent(books, on="2026-10-31")
    rent(books, on="2026-11-01", status=422)
    books.change("accounts", RENT, dimensions=[asked | {"default": "SOUTH"}])
    assert rent(books, on="2026-11-01")["lines"][0]["dimensions"] == {"CENTRE": "SOUTH"}
    assert rent(books, on="2026-11-01", CENTRE="NORTH")["lines"][0]["dimensions"] == {"CENTRE": "NORTH"}


def test_a_reversal_carries_what_it_takes_back_whatever_the_account_asks_by_now(centres: Books) -> None:
    """Each dimension comes to zero again, also after its value was archived and another dimension is asked for."""
    entry, other = rent(centres, CENTRE="NORTH"), rent(centres, CENTRE="SOUTH")
    centres.dimension("TEAM", "RED")
    centres.change("accounts", RENT, dimensions=[{"dimension": "TEAM", "default": "RED"}])
    for value in ("NORTH", "SOUTH"):
        centres.api.call("archive_record", path={"resource": "dimension-values", "id": value}).expect(200)
    reversal = centres.act("reverse_journal_entry", entry, reason="Wrong", date="2026-11-23")
    centres.act("void_journal_entry", other, reason="Wrong")
    assert reversal["lines"][0]["dimensions"] == {"CENTRE": "NORTH"}
    rows = centres.api.call("get_account_balances", query={"account": RENT, "dimension": "CENTRE"}).expect(200)["rows"]
    assert [(row["value"]["code"], row["closing"]) for row in rows] == [("NORTH", "0.00"), ("SOUTH", "0.00")]
    sound(centres.api)


def test_a_draft_is_held_against_what_the_account_asks_when_it_is_posted(centres: Books) -> None:
    draft = centres.enter(debit(RENT, "5.00", dimensions={"CENTRE": "NORTH"}), credit("1020", "5.00"), post=False)
    centres.api.call("archive_record", path={"resource": "dimension-values", "id": "NORTH"}).expect(200)
    assert centres.act("post_journal_entry", draft, 422)["code"] == "dimension_invalid"
    assert lines(centres.api) == []


def test_the_result_of_each_dimension_goes_to_retained_earnings(centres: Books) -> None:
    centres.year(2025)
    rent(centres, "70.00", on="2025-05-01", CENTRE="NORTH")
    rent(centres, "30.00", on="2025-06-01", CENTRE="SOUTH")
    centres.act("close_fiscal_year", {"id": "FY2025"})
    query = {"account": RENT, "dimension": "CENTRE", "as_of": "2025-12-31"}
    rows = centres.api.call("get_account_balances", query=query).expect(200)["rows"]
    assert [(row["value"]["code"], row["debit"], row["credit"], row["closing"]) for row in rows] == [
        ("NORTH", "70.00", "70.00", "0.00"),
        ("SOUTH", "30.00", "30.00", "0.00"),
    ]
    assert centres.balances() == {"1020": "-100.00", "3100": "100.00"}
    sound(centres.api)


def test_opening_balances_carry_dimensions(centres: Books) -> None:
    body = {"date": "2026-10-31", "accounts": [debit(RENT, "9.00", dimensions={"CENTRE": "NORTH"})]}
    centres.api.call("post_opening_balances", body, headers=centres.key()).expect(201)
    assert lines(centres.api) == [(RENT, "9.00", '{"CENTRE": "NORTH"}'), ("1810", "-9.00", "{}")]


class TestInvoices:
    """What the line says counts, then the product, then the customer, then the account."""

    @pytest.fixture
    def selling(self, shop: Shop) -> Books:
        books = Books(shop.api)
        books.dimension("REGION", "WEST", "NORTHWEST")
        books.dimension("LINE", "LAMPS", "TOOLS")
        books.dimension("CHANNEL", "WEB", "DOOR")
        books.change("customers", "CUST001", dimensions={"REGION": "WEST", "LINE": "TOOLS"})
        books.change("products", "PROD001", dimensions={"LINE": "LAMPS"})
        books.change(
            "accounts",
            "4000",
            dimensions=[
                {"dimension": "CHANNEL", "default": "DOOR"},
                {"dimension": "REGION"},
            ],
        )
        return books

    def test_the_nearest_word_counts(self, selling: Books, shop: Shop) -> None:
        items = [
            {"product": "PROD001", "quantity": 1},
            {"product": "SERV001", "quantity": 1, "dimensions": {"REGION": "NORTHWEST"}},
            {"product": "PROD001", "quantity": 1, "dimensions": {"LINE": "TOOLS", "CHANNEL": "WEB"}},
        ]
        invoice = shop.invoice(items=items)
        expected = [
            {"CHANNEL": "DOOR", "LINE": "LAMPS", "REGION": "WEST"},
            {"CHANNEL": "DOOR", "LINE": "TOOLS", "REGION": "NORTHWEST"},
            {"CHANNEL": "WEB", "LINE": "TOOLS", "REGION": "WEST"},
        ]
        assert [item["dimensions"] for item in invoice["items"]] == expected
        posted = [line.get("dimensions") for line in invoice["posting"]["lines"]]
        assert posted == [None, *expected, None, None]
        credited = shop.api.call(
            "credit_invoice", {"reason": "Returned"}, path={"id": invoice["id"]}, headers={"Idempotency-Key": "credit"}
        ).expect(201)
        assert [line.get("dimensions") for line in credited["posting"]["lines"]] == [*expected, None, None, None]
        rows = shop.api.call("get_account_balances", query={"account": "4000", "dimension": "LINE"}).expect(200)["rows"]
        assert [(row["value"]["code"], row["debit"], row["credit"]) for row in rows] == [
            ("LAMPS", "120.00", "120.00"),
            ("TOOLS", "195.00", "195.00"),
        ]
        sound(shop.api)

    def test_an_invoice_without_what_its_revenue_asks_for_is_refused(self, selling: Books, shop: Shop) -> None:
        before = shop.api.counts()
        refused = shop.invoice("CUST002", 422)
        assert refused["code"] == "dimension_required"
        assert refused["errors"][0]["pointer"] == "/items/0/dimensions/REGION"
        assert shop.api.counts() == before

    def test_a_default_value_is_of_its_dimension(self, selling: Books) -> None:
        path, headers = {"resource": "products", "id": "PROD002"}, {"If-Match": "*"}
        wrong = ({"LINE": "WEST"}, {"NONE": "WEST"}, {"LINE": "NOTHING"})
        codes = [
            selling.api.call("update_record", {"dimensions": one}, path=path, headers=headers).expect(422)["errors"][0]
            for one in wrong
        ]
        assert [(error["pointer"], error["code"]) for error in codes] == [
            ("/dimensions/LINE", "other_dimension"),
            ("/dimensions/NONE", "unknown_dimension"),
            ("/dimensions/LINE", "unknown_dimension_value"),
        ]


class TestRecords:
    """Dimensions, their values and what accounts ask fit together."""

    @pytest.mark.parametrize(
        ("asked", "pointer", "code"),
        [
            ([{"dimension": "NONE"}], "/dimensions/0/dimension", "unknown_dimension"),
            ([{"dimension": "CENTRE"}, {"dimension": "CENTRE"}], "/dimensions/1/dimension", "given_twice"),
            ([{"dimension": "CENTRE", "values": ["RED"]}], "/dimensions/0/values/0", "other_dimension"),
            ([{"dimension": "CENTRE", "default": "RED"}], "/dimensions/0/default", "other_dimension"),
            ([{"dimension": "CENTRE", "values": ["NORTH"], "default": "SOUTH"}], "/dimensions/0/default",
             "not_allowed"),
        ],
    )  # fmt: skip
    def test_what_an_account_asks_is_checked(self, centres: Books, asked: Any, pointer: str, code: str) -> None:
        centres.dimension("TEAM", "RED")
        path, headers = {"resource": "accounts", "id": "6130"}, {"If-Match": "*"}
        refused = centres.api.call("update_record", {"dimensions": asked}, path=path, headers=headers).expect(422)
        assert (refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == (pointer, code)

    def test_a_value_stays_with_its_dimension_and_a_dimension_with_its_values(self, centres: Books) -> None:
        centres.dimension("TEAM")
        path, headers = {"resource": "dimension-values", "id": "NORTH"}, {"If-Match": "*"}
        refused = centres.api.call("update_record", {"dimension": "TEAM"}, path=path, headers=headers).expect(409)
        assert refused["errors"][0]["pointer"] == "/dimension"
        centre = {"resource": "dimensions", "id": "CENTRE"}
        assert "values" in centres.api.call("archive_record", path=centre).expect(409)["detail"]
        for value in ("NORTH", "SOUTH", "EAST"):
            centres.api.call("archive_record", path={"resource": "dimension-values", "id": value}).expect(200)
        assert "accounts" in centres.api.call("archive_record", path=centre).expect(409)["detail"]
        centres.change("accounts", RENT, dimensions=[])
        centres.api.call("archive_record", path=centre).expect(200)
