"""What stock is worth: by product and location, as of any day, tied to the accounts that control inventory."""

import datetime as dt
from typing import Any

import pytest

from bigledger.reporting.cells import Address, address, identifier
from tests.support.reports import explained, ties
from tests.support.shop import Shop


def receive(shop: Shop, product: str, quantity: str, unit_cost: str, **fields: str) -> None:
    items = [{"product": product, "quantity": quantity, "unit_cost": unit_cost}]
    shop.api.call("receive_stock", {"items": items, **fields}).expect(201)


def valuation(shop: Shop, **query: str) -> Any:
    return shop.api.call("get_stock_valuation", query=query).expect(200).json


def positions(answer: Any) -> dict[str, list[str | None]]:
    """Quantity, average cost and value by the labels of rows."""
    return {row["label"]: [cell.get("amount") for cell in row["cells"]] for row in answer["rows"]}


def total(answer: Any) -> str:
    """The value of all positions."""
    return str(answer["rows"][-1]["cells"][2]["amount"])


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    """A second receipt at another cost moves the average: (100 × 60.00 + 50 × 66.00) / 150 = 62.00."""
    receive(shop, "PROD001", "50", "66.00")
    answer = example(query={"as_of": "2026-11-23"})
    assert positions(answer) == {
        "PROD001 Reading lamp · MAIN": ["150", "62", "9300.00"],
        "PROD002 Desk · MAIN": ["20", "60", "1200.00"],
        "Total": [None, None, "10500.00"],
    }
    assert (answer["ties_to"][0]["balance"], ties(answer)) == ("10500.00", ["0.00"])
    assert "next_cursor" not in answer.json


def test_of_a_past_day_and_as_it_was_known(shop: Shop) -> None:
    """What came in later does not count, nor what was recorded later of an earlier day."""
    instant = shop.api.rows("SELECT max(recorded_at) AS at FROM inventory.stock_move")[0].at.isoformat()
    receive(shop, "PROD001", "10", "90.00", date="2026-11-25")
    receive(shop, "PROD002", "1", "100.00", date="2026-11-01")
    assert total(valuation(shop, as_of="2026-11-23")) == "7300.00"
    assert total(valuation(shop, as_of="2026-11-25")) == "8200.00"
    first = valuation(shop, as_of="2026-11-10")
    assert positions(first) == {"PROD002 Desk · MAIN": ["1", "100", "100.00"], "Total": [None, None, "100.00"]}
    assert (first["ties_to"][0]["balance"], ties(first)) == ("100.00", ["0.00"])
    known = valuation(shop, as_of="2026-11-25", known_at=instant)
    assert (total(known), known["ties_to"]) == ("7200.00", [])


def test_what_is_reserved_is_still_there(shop: Shop) -> None:
    shop.invoice()
    assert positions(valuation(shop))["PROD001 Reading lamp · MAIN"] == ["100", "60", "6000.00"]


def test_by_location_and_product(shop: Shop) -> None:
    """A narrowed answer ties to nothing, since accounts know no locations."""
    shop.api.record("locations", code="WEST", name="West")
    receive(shop, "PROD001", "3", "10.00", location="WEST")
    west = valuation(shop, location="WEST")
    assert positions(west) == {"PROD001 Reading lamp · WEST": ["3", "10", "30.00"], "Total": [None, None, "30.00"]}
    assert (west["rows"][0]["location"]["code"], west["ties_to"]) == ("WEST", [])
    lamps = valuation(shop, product="PROD001")
    assert [row["label"] for row in lamps["rows"]] == [
        "PROD001 Reading lamp · MAIN",
        "PROD001 Reading lamp · WEST",
        "Total",
    ]
    assert total(lamps) == "6030.00"


def test_pages_are_by_product_and_location(shop: Shop) -> None:
    """Each position once, and the total of all of them on every page."""
    shop.api.record("locations", code="WEST", name="West")
    receive(shop, "PROD001", "3", "10.00", location="WEST")
    seen, cursor = [], ""
    while cursor is not None:
        answer = valuation(shop, limit="1", **({"cursor": cursor} if cursor else {}))
        seen.append(answer["rows"][0]["label"])
        assert total(answer) == "7230.00"
        cursor = answer.get("next_cursor")
    assert seen == ["PROD001 Reading lamp · MAIN", "PROD001 Reading lamp · WEST", "PROD002 Desk · MAIN"]


def test_every_cell_is_explained_by_its_moves(shop: Shop) -> None:
    """Quantities and values add up from moves, of a place, a past day and as known; an average is one by the other."""
    shop.api.record("locations", code="WEST", name="West")
    receive(shop, "PROD001", "3", "10.00", location="WEST", date="2026-11-25")
    instant = shop.api.rows("SELECT max(recorded_at) AS at FROM inventory.stock_move")[0].at.isoformat()
    receive(shop, "PROD001", "50", "66.00")
    assert explained(shop.api, valuation(shop, as_of="2026-11-25")) == 10
    assert explained(shop.api, valuation(shop, as_of="2026-11-23")) == 7
    assert explained(shop.api, valuation(shop, as_of="2026-11-25", known_at=instant)) == 10
    assert explained(shop.api, valuation(shop, as_of="2026-11-25", location="WEST")) == 4
    assert explained(shop.api, valuation(shop, as_of="2026-11-25", product="PROD001", limit="1")) == 4


def test_an_explanation_names_documents_and_events(shop: Shop) -> None:
    receive(shop, "PROD001", "50", "66.00")
    quantity, average, value = valuation(shop)["rows"][0]["cells"]
    query, path = {"cell": value["cell"], "limit": "1"}, {"kind": "stock-valuation"}
    first = shop.api.call("get_explanation", path=path, query=query).expect(200).json
    assert (first["amount"], first["lines"], first["label"]) == ("9300.00", 2, "In stock on 23 Nov 2026")
    query["cursor"] = first["next_cursor"]
    (line,) = shop.api.call("get_explanation", path=path, query=query).expect(200)["data"]
    assert (line["document"]["code"], line["document_type"], line["item"]) == ("SR-2026-000002", "stock_receipt", 1)
    assert (line["product"]["code"], line["location"]["code"], line["quantity"]) == ("PROD001", "MAIN", "50")
    assert (line["debit"], line["credit"], line["amount"]) == ("3300.00", "0.00", "3300.00")
    assert [event["type"] for event in line["events"]] == ["stock.received"]
    query = {"cell": quantity["cell"]}
    told = shop.api.call("get_explanation", path=path, query=query).expect(200).json
    assert (told["amount"], [line["amount"] for line in told["data"]]) == ("150", ["100", "50"])
    told = shop.api.call("get_explanation", path=path, query={"cell": average["cell"]}).expect(200).json
    assert (told["amount"], told["column"], told["lines"], told["data"]) == ("62", "average_cost", 0, [])
    assert told["ratio"] == {
        "numerator": {"label": "Value", "amount": "9300.00", "cell": value["cell"]},
        "denominator": {"label": "Quantity", "amount": "150", "cell": quantity["cell"]},
    }


def test_an_average_that_is_no_more_is_refused(shop: Shop) -> None:
    """A receipt that is dated back may leave nothing in stock on a day that a cell was read of."""
    (cell,) = [row["cells"][1]["cell"] for row in valuation(shop)["rows"] if row["label"].startswith("PROD002")]
    gone = address(cell).model_copy(update={"last": dt.date(2026, 11, 22)})
    refused = shop.api.call("get_explanation", path={"kind": "stock-valuation"}, query={"cell": identifier(gone)})
    assert refused.expect(422)["errors"][0]["code"] == "unknown_cell"


def test_a_cell_of_no_stock_is_refused(shop: Shop) -> None:
    """An average, a quantity of everything, and a place that is not the company's."""
    company = valuation(shop)["company"]["id"]
    for options in ({"column": "average_cost"}, {"column": "quantity"}, {"column": "value", "location": company}):
        cell = identifier(
            Address(kind="stock-valuation", row="x", company=company, last=dt.date(2026, 11, 23), options=options)
        )
        path, query = {"kind": "stock-valuation"}, {"cell": cell}
        refused = shop.api.call("get_explanation", path=path, query=query).expect(422)
        assert refused["errors"][0]["code"] == "unknown_cell"


def test_names_that_mean_nothing_are_pointed_at(shop: Shop) -> None:
    for name in ("product", "location"):
        refused = shop.api.call("get_stock_valuation", query={name: "NONE"}).expect(422)
        assert refused["errors"] == [
            {"pointer": f"/{name}", "code": f"unknown_{name}", "message": f"there is no active {name} NONE"}
        ]


@pytest.mark.parametrize("format", ["csv", "xlsx", "pdf"])
def test_as_a_file(shop: Shop, format: str) -> None:
    answer = shop.api.call("get_stock_valuation", query={"format": format, "limit": "1"}).expect(200)
    assert f'filename="stock-valuation-MAIN-2026-11-23.{format}"' in answer.headers["Content-Disposition"]


def test_what_the_first_company_has_in_stock_stays_its_own_beside_a_second(shop: Shop) -> None:
    """Its locations needed no company as long as it was alone."""
    alone = valuation(shop)
    shop.api.record("companies", code="EAST", name="East", currency="USD", jurisdiction="US-NY")
    shop.api.record("locations", code="EAST", name="East", company="EAST")
    first, second = valuation(shop, company="MAIN"), valuation(shop, company="EAST")
    assert (positions(first), ties(first)) == (positions(alone), ["0.00"])
    assert (positions(second), ties(second)) == ({"Total": [None, None, "0.00"]}, ["0.00"])
    assert explained(shop.api, first) == explained(shop.api, alone)
