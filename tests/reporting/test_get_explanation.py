"""Any cell of any report, down to its lines, their documents and the events that posted them."""

from typing import Any

import pytest

from tests.reporting.test_get_cash_flow import year
from tests.support.dimensions import enter
from tests.support.ledger import Books
from tests.support.reports import explained
from tests.support.shop import Shop
from tests.support.statements import counted

STATEMENTS = ("get_balance_sheet", "get_profit_loss", "get_cash_flow")


def cell(shop: Shop, operation: str, row: str, **query: str) -> str:
    answer = shop.api.call(operation, query=query).expect(200).json
    (found,) = [each for each in answer["rows"] if each["key"] == row]
    return str(found["cells"][0]["cell"])


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    shop.invoice()
    place = cell(shop, "get_balance_sheet", "assets.current.trade_and_other_receivables", as_of="2026-11-30")
    answer = example(path={"kind": "balance-sheet"}, query={"cell": place})
    assert (answer["amount"], answer["lines"]) == ("1287.00", 1)


def test_a_line_names_its_document_and_the_events_that_posted_it(shop: Shop) -> None:
    invoice = shop.invoice()
    place = cell(shop, "get_profit_loss", "income.revenue")
    answer = shop.api.call("get_explanation", path={"kind": "profit-loss"}, query={"cell": place}).expect(200).json
    assert (answer["label"], answer["amount"], answer["lines"]) == ("Revenue", "1200.00", 1)
    (line,) = answer["data"]
    assert (line["document"], line["document_type"]) == ({"id": invoice["id"], "code": invoice["number"]}, "invoice")
    assert (line["account"]["code"], line["product"]["code"], line["quantity"]) == ("4000", "PROD001", "-10")
    assert (line["debit"], line["credit"], line["amount"]) == ("0.00", "1200.00", "1200.00")
    (created,) = shop.api.events("invoice.created")
    assert [(event["id"], event["type"], event["actor"]) for event in line["events"]] == [
        (created["id"], "invoice.created", "tester"),
        (shop.api.events("stock.reserved")[-1]["id"], "stock.reserved", "tester"),
    ]


def test_the_lines_of_every_cell_add_up_to_it(shop: Shop) -> None:
    shop.invoice()
    shop.pay("500.00")
    year(shop)
    for operation in STATEMENTS:
        for query in (
            {},
            {"compare": "previous_period", "columns": "2"},
            {"known_at": "2026-12-31T00:00:00Z"},
            {"detail": "categories", "split": "COST_CENTRE"},
            {"detail": "categories", "dimension[COST_CENTRE]": ""},
        ):
            answer = shop.api.call(operation, query=query).expect(200).json
            assert explained(shop.api, answer) >= 4


def test_a_cell_of_one_dimension_has_only_its_lines(shop: Shop) -> None:
    a, b, none = {"COST_CENTRE": "A"}, {"COST_CENTRE": "B"}, {}
    enter(shop.api, "D-1", "2026-03-10", ("6120", "70.00", a), ("6120", "20.00", b), ("1020", "-90.00", none))
    answer = shop.api.call("get_profit_loss", query={"split": "COST_CENTRE"}).expect(200).json
    (result,) = [row for row in answer["rows"] if row["key"] == "result"]
    told = [
        shop.api.call("get_explanation", path={"kind": "profit-loss"}, query={"cell": each["cell"]}).expect(200).json
        for each in result["cells"]
    ]
    assert [(each["amount"], [line.get("dimensions") for line in each["data"]]) for each in told] == [
        ("-70.00", [a]),
        ("-20.00", [b]),
        ("0.00", []),
        ("-90.00", [a, b]),
    ]


def test_a_balance_of_the_trial_balance(shop: Shop) -> None:
    """Also without the entry that closed the year on that very day."""
    books = Books(shop.api)
    books.year(2025)
    books.rent(date="2025-12-31")
    books.act("close_fiscal_year", {"id": "FY2025"})
    for query, amounts in (
        ({"as_of": "2025-12-31"}, {"1020": "-1200.00", "3100": "1200.00"}),
        ({"as_of": "2025-12-31", "closing": "exclude"}, {"1020": "-1200.00", "6120": "1200.00"}),
    ):
        answer = shop.api.call("get_trial_balance", query=query).expect(200).json
        assert {row["account"]["code"]: row["balance"] for row in answer["rows"]} == amounts
        for row in answer["rows"]:
            asked = {"cell": row["cell"]}
            told = shop.api.call("get_explanation", path={"kind": "trial-balance"}, query=asked).expect(200).json
            assert (told["amount"], told["lines"]) == (row["balance"], len(told["data"]))


def test_pages(shop: Shop) -> None:
    books = Books(shop.api)
    for amount in ("1.00", "2.00", "3.00"):
        books.rent(amount)
    query = {"cell": cell(shop, "get_profit_loss", "expenses.administrative_expenses"), "limit": "2"}
    path = {"kind": "profit-loss"}
    first = shop.api.call("get_explanation", path=path, query=query).expect(200).json
    second = (
        shop.api.call("get_explanation", path=path, query=query | {"cursor": first["next_cursor"]}).expect(200).json
    )
    assert [line["amount"] for page in (first, second) for line in page["data"]] == ["-1.00", "-2.00", "-3.00"]
    assert (first["amount"], second["amount"], second["next_cursor"]) == ("-6.00", "-6.00", None)


def test_read_in_one_statement(shop: Shop) -> None:
    shop.invoice()
    query = {"cell": cell(shop, "get_cash_flow", "operating.total")}
    _, sent = counted(lambda: shop.api.call("get_explanation", path={"kind": "cash-flow"}, query=query).expect(200))
    assert len(sent) == 2


def test_what_no_report_gave_is_refused(shop: Shop) -> None:
    place = cell(shop, "get_profit_loss", "result")
    for kind, given, code in (
        ("profit-loss", "nothing", "unknown_cell"),
        ("profit-loss", "eyJrIjoxfQ", "unknown_cell"),
        ("balance-sheet", place, "other_report"),
    ):
        answer = shop.api.call("get_explanation", path={"kind": kind}, query={"cell": given}).expect(422)
        assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [("/cell", code)]
    bad = {"cell": place, "cursor": "abc"}
    answer = shop.api.call("get_explanation", path={"kind": "profit-loss"}, query=bad).expect(422)
    assert [error["pointer"] for error in answer["errors"]] == ["/cursor"]
