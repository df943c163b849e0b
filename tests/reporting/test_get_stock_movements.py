"""How stock moved over a period: opening + in - out = closing, tied to the accounts that control inventory."""

import datetime as dt
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from bigledger.reporting.cells import Address, identifier
from tests.support.database import plain_url
from tests.support.reports import explained, ties
from tests.support.shop import Shop


def receive(shop: Shop, product: str, quantity: str, unit_cost: str, **fields: str) -> None:
    items = [{"product": product, "quantity": quantity, "unit_cost": unit_cost}]
    shop.api.call("receive_stock", {"items": items, **fields}).expect(201)


def take(shop: Shop, product: str, quantity: str, value: str, day: str) -> None:
    """Let stock go out, as a move of the first receipt's document."""
    with psycopg.connect(plain_url()) as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, true)", [str(shop.api.tenant_id)])
        connection.execute(
            "INSERT INTO inventory.stock_move (id, document_id, line, product_id, location_id, quantity, unit_cost,"
            " value, effective_date) SELECT gen_random_uuid(), m.document_id, 9, m.product_id, m.location_id,"
            " %s::numeric, 60, %s::numeric, %s::date FROM inventory.stock_move m"
            " JOIN kernel.document p ON p.id = m.product_id WHERE p.number = %s ORDER BY m.recorded_at LIMIT 1",
            [f"-{quantity}", f"-{value}", day, product],
        )


def movements(shop: Shop, **query: str) -> Any:
    return shop.api.call("get_stock_movements", query=query).expect(200).json


def figures(answer: Any) -> dict[str, list[str | None]]:
    """Opening, in, out and closing in units, then in value, by the labels of rows."""
    return {row["label"]: [cell.get("amount") for cell in row["cells"]] for row in answer["rows"]}


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    """50 lamps at 66.00 were there before 100 lamps and 20 desks came in at 60.00."""
    receive(shop, "PROD001", "50", "66.00", date="2026-10-30")
    answer = example(query={"from": "2026-11-01", "to": "2026-11-30"})
    assert [column["label"] for column in answer["columns"]] == [
        *["Opening", "In", "Out", "Closing"],
        *["Opening value", "Value in", "Value out", "Closing value"],
    ]
    assert figures(answer) == {
        "PROD001 Reading lamp · MAIN": ["50", "100", "0", "150", "3300.00", "6000.00", "0.00", "9300.00"],
        "PROD002 Desk · MAIN": ["0", "20", "0", "20", "0.00", "1200.00", "0.00", "1200.00"],
        "Total": [None, None, None, None, "3300.00", "7200.00", "0.00", "10500.00"],
    }
    assert [(tie["column"], tie["balance"]) for tie in answer["ties_to"]] == [
        ("closing_value", "10500.00"),
        ("opening_value", "3300.00"),
    ]
    assert ties(answer.json) == ["0.00", "0.00"]


def test_what_goes_out_is_taken_off(shop: Shop) -> None:
    """Out stands above zero, so that 100 + 10 - 30 = 80; the explanation of it adds up to the same."""
    take(shop, "PROD001", "30", "1800", "2026-11-25")
    receive(shop, "PROD001", "10", "90.00", date="2026-11-26")
    answer = movements(shop, **{"from": "2026-11-24", "to": "2026-11-26"})
    lamps = ["100", "10", "30", "80", "6000.00", "900.00", "1800.00", "5100.00"]
    assert figures(answer)["PROD001 Reading lamp · MAIN"] == lamps
    assert figures(answer)["Total"][4:] == ["7200.00", "900.00", "1800.00", "6300.00"]
    assert explained(shop.api, answer) == 20


def test_each_period_goes_on_from_the_one_before(shop: Shop) -> None:
    """The closing of one period is the opening of the next, through months with nothing in them."""
    receive(shop, "PROD002", "1", "100.00", date="2026-10-10")
    receive(shop, "PROD001", "5", "50.00", date="2027-01-05")
    months = [("2026-09-01", "2026-09-30"), ("2026-10-01", "2026-10-31"), ("2026-11-01", "2026-11-30"),
              ("2026-12-01", "2026-12-31"), ("2027-01-01", "2027-01-31")]  # fmt: skip
    told = [figures(movements(shop, **{"from": first, "to": last}))["Total"][4:] for first, last in months]
    assert told == [
        ["0.00", "0.00", "0.00", "0.00"],
        ["0.00", "100.00", "0.00", "100.00"],
        ["100.00", "7200.00", "0.00", "7300.00"],
        ["7300.00", "0.00", "0.00", "7300.00"],
        ["7300.00", "250.00", "0.00", "7550.00"],
    ]
    for opening, came_in, went_out, closing in told:
        assert Decimal(str(opening)) + Decimal(str(came_in)) - Decimal(str(went_out)) == Decimal(str(closing))


def test_as_it_was_known(shop: Shop) -> None:
    """What was recorded later does not count: neither in the period, nor before it, nor after it."""
    instant = shop.api.rows("SELECT max(recorded_at) AS at FROM inventory.stock_move")[0].at.isoformat()
    for day in ("2026-11-01", "2026-11-24", "2026-12-01"):
        receive(shop, "PROD002", "1", "100.00", date=day)
    days = {"from": "2026-11-23", "to": "2026-11-30"}
    assert figures(movements(shop, **days))["Total"][4:] == ["100.00", "7300.00", "0.00", "7400.00"]
    known = movements(shop, known_at=instant, **days)
    assert figures(known)["Total"][4:] == ["0.00", "7200.00", "0.00", "7200.00"]
    assert known["ties_to"] == []
    assert explained(shop.api, known) == 20


def test_by_location_and_product_and_in_pages(shop: Shop) -> None:
    """A narrowed answer ties to nothing; pages are by product and location, with the values of all on each."""
    shop.api.record("locations", code="WEST", name="West")
    receive(shop, "PROD001", "3", "10.00", location="WEST")
    west = movements(shop, location="WEST")
    assert figures(west)["PROD001 Reading lamp · WEST"] == ["0", "3", "0", "3", "0.00", "30.00", "0.00", "30.00"]
    assert (len(west["rows"]), west["rows"][0]["location"]["code"], west["ties_to"]) == (2, "WEST", [])
    assert explained(shop.api, west) == 12
    assert figures(movements(shop, product="PROD001"))["Total"][4:] == ["0.00", "6030.00", "0.00", "6030.00"]
    seen, cursor = [], ""
    while cursor is not None:
        answer = movements(shop, limit="1", **({"cursor": cursor} if cursor else {}))
        seen.append(answer["rows"][0]["label"])
        assert figures(answer)["Total"][7] == "7230.00"
        cursor = answer.get("next_cursor")
    assert seen == ["PROD001 Reading lamp · MAIN", "PROD001 Reading lamp · WEST", "PROD002 Desk · MAIN"]


def test_an_explanation_names_the_days_it_is_of(shop: Shop) -> None:
    """Every column says in words what its moves are, and names their documents and events."""
    receive(shop, "PROD001", "50", "66.00", date="2026-11-25")
    cells = movements(shop, **{"from": "2026-11-24", "to": "2026-11-30"})["rows"][0]["cells"]
    told = [
        shop.api.call("get_explanation", path={"kind": "stock-movements"}, query={"cell": cell["cell"]}).expect(200)
        for cell in cells[:4]
    ]
    assert [(one["label"], one["amount"], one["lines"]) for one in told] == [
        ("In stock on 23 Nov 2026", "100", 1),
        ("Came in from 24 Nov 2026 to 30 Nov 2026", "50", 1),
        ("Went out from 24 Nov 2026 to 30 Nov 2026", "0", 0),
        ("In stock on 30 Nov 2026", "150", 2),
    ]
    (line,) = told[1]["data"]
    assert (line["document"]["code"], line["quantity"], line["debit"]) == ("SR-2026-000002", "50", "3300.00")
    assert [event["type"] for event in line["events"]] == ["stock.received"]


def test_cells_of_no_stock_and_unknown_names_are_refused(shop: Shop) -> None:
    company = movements(shop)["company"]["id"]
    first, last = dt.date(2026, 11, 1), dt.date(2026, 11, 30)
    for begins, options in [
        (first, {"column": "average_cost"}),
        (first, {"column": "quantity_in"}),
        (None, {"column": "value_in"}),
        (dt.date.min, {"column": "opening_value"}),
    ]:
        cell = Address(kind="stock-movements", row="x", company=company, first=begins, last=last, options=options)
        asked = shop.api.call(
            "get_explanation", path={"kind": "stock-movements"}, query={"cell": identifier(cell)}
        ).expect(422)
        assert asked["errors"][0]["code"] == "unknown_cell"
    for name in ("product", "location"):
        refused = shop.api.call("get_stock_movements", query={name: "NONE"}).expect(422)
        assert refused["errors"] == [
            {"pointer": f"/{name}", "code": f"unknown_{name}", "message": f"there is no active {name} NONE"}
        ]


@pytest.mark.parametrize("format", ["csv", "xlsx", "pdf"])
def test_as_a_file(shop: Shop, format: str) -> None:
    answer = shop.api.call("get_stock_movements", query={"format": format, "limit": "1"}).expect(200)
    assert f'.{format}"' in answer.headers["Content-Disposition"]
    assert "stock-movements-MAIN-" in answer.headers["Content-Disposition"]
