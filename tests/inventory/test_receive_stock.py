"""Receiving goods: stock and books move together, by the same figures, or not at all."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.api import Api
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.fixture
def stocked(api: Api) -> Api:
    """A tenant with three products, a service and a supplier, and no stock."""
    api.record("products", code="LAMP", name="Reading lamp", unit="EA")
    api.record("products", code="WIRE", name="Copper wire", unit="KG", inventory_account="1410")
    api.record("products", code="DESK", name="Desk", unit="EA")
    api.record("products", code="SETUP", name="Assembly", kind="service", unit="HOUR")
    api.record("suppliers", code="SUPP001", name="Lantern Works", jurisdiction="US-CA")
    return api


def receive(api: Api, *items: tuple[str, str, str], **fields: Any) -> Any:
    """The answer to a receipt of (product, quantity, unit cost) lines."""
    lines = [{"product": product, "quantity": quantity, "unit_cost": cost} for product, quantity, cost in items]
    return api.call("receive_stock", {"items": lines, **fields})


def balances(api: Api) -> dict[str, Decimal]:
    """The balance of each account with postings, debit positive."""
    answer = api.call("get_trial_balance").expect(200).json
    return {row["account"]["code"]: Decimal(row["balance"]) for row in answer["rows"]}


@pytest.mark.example
def test_goods_come_into_stock_and_into_the_books(example: Any, example_api: Api) -> None:
    example_api.record("suppliers", code="SUPP001", name="Lantern Works", jurisdiction="US-CA")
    answer = example(
        body={
            "supplier": "SUPP001",
            "items": [
                {"product": "PROD001", "quantity": 100, "unit_cost": "60.00"},
                {"product": "PROD002", "quantity": 5, "unit_cost": "180.2555"},
            ],
        }
    )
    assert answer.status == 201
    assert answer["total"] == "6901.28"


def test_a_receipt_answers_all_that_followed_from_it(stocked: Api) -> None:
    receive(stocked, ("LAMP", "10", "50.00")).expect(201)
    answer = receive(
        stocked,
        ("LAMP", "100", "60.00"),
        ("WIRE", "12.5", "3.2555"),
        ("LAMP", "2", "0.333333"),
        supplier="SUPP001",
        date="2026-11-20",
        note="Third crate is open",
    ).expect(201)
    body = answer.json
    assert body["number"] == "SR-2026-000002"
    assert (body["status"], body["version"], body["date"], body["currency"]) == ("posted", 1, "2026-11-20", "USD")
    assert (body["company"]["code"], body["location"]["code"], body["supplier"]["code"]) == ("MAIN", "MAIN", "SUPP001")
    assert body["note"] == "Third crate is open"
    assert [
        (item["line"], item["product"]["code"], item["quantity"], item["unit"], item["unit_cost"], item["value"])
        for item in body["items"]
    ] == [
        (1, "LAMP", "100", "EA", "60.00", "6000.00"),
        (2, "WIRE", "12.5", "KG", "3.2555", "40.69"),
        (3, "LAMP", "2", "EA", "0.333333", "0.67"),
    ]
    assert body["total"] == "6041.36"
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in body["posting"]["lines"]] == [
        ("1400", "6000.00", "0.00"),
        ("1410", "40.69", "0.00"),
        ("1400", "0.67", "0.00"),
        ("2150", "0.00", "6041.36"),
    ]
    assert body["stock"] == [
        {"product": "LAMP", "location": "MAIN", "on_hand": "112", "reserved": "0", "available": "112",
         "value": "6500.67"},
        {"product": "WIRE", "location": "MAIN", "on_hand": "12.5", "reserved": "0", "available": "12.5",
         "value": "40.69"},
    ]  # fmt: skip
    assert body["events"] == ["stock.received"]
    assert body["links"] == {"history": f"/api/v1/documents/{body['id']}/history"}
    _, event = stocked.events("stock.received")
    assert event["subject"] == f"stock_receipt/{body['id']}"
    assert event["data"]["number"] == "SR-2026-000002"
    assert event["data"]["supplier"]["code"] == "SUPP001"
    assert event["data"]["items"][1] == {
        "line": 2,
        "product": body["items"][1]["product"],
        "quantity": "12.5",
        "unit_cost": "3.2555",
        "value": "40.69",
    }
    assert event["data"]["total"] == "6041.36"
    moves = stocked.rows(
        "SELECT line, quantity::text, unit_cost::text, value::text, effective_date::text FROM inventory.stock_move"
        " WHERE document_id = cast(:id AS uuid) ORDER BY line",
        id=body["id"],
    )
    assert [tuple(move) for move in moves] == [
        (1, "100", "60.00", "6000.00", "2026-11-20"),
        (2, "12.5", "3.2555", "40.69", "2026-11-20"),
        (3, "2", "0.333333", "0.67", "2026-11-20"),
    ]
    assert balances(stocked) == {"1400": Decimal("6500.67"), "1410": Decimal("40.69"), "2150": Decimal("-6541.36")}


def test_goods_without_cost_make_no_posting(stocked: Api) -> None:
    answer = receive(stocked, ("LAMP", "3", "0"), ("DESK", "1", "0.001")).expect(201)
    assert answer["total"] == "0.00"
    assert answer["posting"] == {"lines": []}
    assert [(level["product"], level["on_hand"], level["value"]) for level in answer["stock"]] == [
        ("LAMP", "3", "0.00"),
        ("DESK", "1", "0.00"),
    ]
    assert balances(stocked) == {}


def test_all_unknown_names_are_told_at_once_and_nothing_is_kept(stocked: Api) -> None:
    before = stocked.counts()
    answer = receive(
        stocked, ("LAMP", "1", "1"), ("NOPE", "1", "1"), ("GONE", "1", "1"), supplier="NOBODY", location="NOWHERE"
    ).expect(422)
    assert answer["code"] == "unknown_reference"
    assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [
        ("/location", "unknown_location"),
        ("/supplier", "unknown_supplier"),
        ("/items/1/product", "unknown_product"),
        ("/items/2/product", "unknown_product"),
    ]
    assert receive(stocked, ("NOPE", "1", "1"), company="OTHER").expect(422)["errors"][0]["pointer"] == "/company"
    assert stocked.counts() == before


@pytest.mark.parametrize("account", ["1200", "2150", "1020", "5000"])
def test_stock_has_its_own_accounts(stocked: Api, account: str) -> None:
    """They equal the value of stock only if every receipt is posted to them."""
    stocked.record("products", code="ODD", name="Odd", unit="EA", inventory_account=account)
    before = stocked.counts()
    answer = receive(stocked, ("LAMP", "1", "1"), ("ODD", "1", "1")).expect(422)
    assert (answer["code"], answer["errors"][0]["pointer"]) == ("account_not_suitable", "/items/1/product")
    assert stocked.counts() == before


def test_services_and_too_fine_quantities_are_refused_with_a_pointer_to_each(stocked: Api) -> None:
    before = stocked.counts()
    answer = receive(
        stocked, ("SETUP", "1", "1"), ("LAMP", "1.5", "1"), ("WIRE", "0.1234", "1"), ("WIRE", "0.123", "1")
    ).expect(422)
    assert answer["code"] == "invalid_request"
    assert answer["errors"] == [
        {"pointer": "/items/0/product", "code": "not_stocked",
         "message": "SETUP is a service and is not kept in stock"},
        {"pointer": "/items/1/quantity", "code": "too_many_decimals", "message": "a quantity in EA has no decimals"},
        {"pointer": "/items/2/quantity", "code": "too_many_decimals",
         "message": "a quantity in KG has at most 3 decimals"},
    ]  # fmt: skip
    assert stocked.counts() == before


@pytest.mark.parametrize(
    ("item", "pointer", "code"),
    [
        ({"product": "LAMP", "quantity": "0", "unit_cost": "1"}, "/items/0/quantity", "greater_than"),
        ({"product": "LAMP", "quantity": "-1", "unit_cost": "1"}, "/items/0/quantity", "greater_than"),
        ({"product": "LAMP", "quantity": "1000000000000", "unit_cost": "1"}, "/items/0/quantity", "less_than"),
        ({"product": "LAMP", "quantity": 1.5, "unit_cost": "1"}, "/items/0/quantity", "inexact_number"),
        ({"product": "LAMP", "quantity": "1", "unit_cost": "-0.01"}, "/items/0/unit_cost", "greater_than_equal"),
        ({"product": "LAMP", "quantity": "1", "unit_cost": "1000000000"}, "/items/0/unit_cost", "less_than"),
        ({"product": "LAMP", "quantity": "1", "unit_cost": "0.1234567"}, "/items/0/unit_cost", "decimal_max_places"),
        ({"product": "LAMP", "quantity": "1"}, "/items/0/unit_cost", "required"),
        ({"product": "LAMP", "quantity": "1", "unit_cost": "1", "price": "1"}, "/items/0/price", "unknown_field"),
    ],
)
def test_a_line_that_cannot_be_meant_is_refused(stocked: Api, item: dict[str, Any], pointer: str, code: str) -> None:
    before = stocked.counts()
    answer = stocked.call("receive_stock", {"items": [item]}).expect(422)
    assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [(pointer, code)]
    assert stocked.counts() == before


def test_the_largest_receipt_is_exact(stocked: Api) -> None:
    """Nothing is lost: 500 lines, each of 999999999999.999 × 1.999999."""
    line = ("WIRE", "999999999999.999", "1.999999")
    answer = receive(stocked, *[line] * 500).expect(201)
    assert answer["items"][0]["value"] == "1999999000000.00"
    assert answer["total"] == str(Decimal(answer["items"][0]["value"]) * 500)
    assert receive(stocked, *[line] * 501).expect(422)["errors"][0]["pointer"] == "/items"


@pytest.mark.parametrize(
    ("items", "total"),
    [
        ([("WIRE", "999999999999.999", "999999999.999999")], "999999999999998000000.00"),
        ([("WIRE", "500000000000", "1000"), ("WIRE", "500000000000", "1000")], "1000000000000000.00"),
    ],
)
def test_a_receipt_stays_below_what_is_added_exactly(
    stocked: Api, items: list[tuple[str, str, str]], total: str
) -> None:
    before = stocked.counts()
    answer = receive(stocked, *items).expect(422)
    assert answer["detail"] == (f"This comes to {total} USD. A receipt is below 1,000,000,000,000,000 in any currency.")
    assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [("/items", "too_large")]
    assert stocked.counts() == before


def test_a_closed_period_takes_no_receipts(stocked: Api) -> None:
    before = stocked.counts()
    answer = receive(stocked, ("LAMP", "1", "1"), date="1999-12-31").expect(422)
    assert answer["code"] == "period_closed"
    assert answer["suggested_date"] > "1999-12-31"
    free = receive(stocked, ("LAMP", "1", "0"), date="1999-12-31").expect(422)
    assert free["code"] == "period_closed", "also goods without cost need an open period"
    assert stocked.counts() == before


def test_the_date_is_today_in_the_time_zone_of_the_company(stocked: Api) -> None:
    """The clock stands at 09:00 UTC on the 23rd: in Honolulu it is still the 22nd."""
    version = stocked.call("get_record", path={"resource": "companies", "id": "MAIN"}).headers["ETag"]
    stocked.call(
        "update_record",
        {"timezone": "Pacific/Honolulu"},
        path={"resource": "companies", "id": "MAIN"},
        headers={"If-Match": version},
    ).expect(200)
    assert receive(stocked, ("LAMP", "1", "1")).expect(201)["date"] == "2026-11-22"


def test_without_a_name_goods_go_to_the_only_warehouse_or_to_main(stocked: Api) -> None:
    stocked.record("locations", code="DOCK", name="Transit", kind="transit")
    assert receive(stocked, ("LAMP", "1", "1")).expect(201)["location"]["code"] == "MAIN"
    stocked.record("locations", code="EAST", name="East warehouse")
    assert receive(stocked, ("LAMP", "1", "1")).expect(201)["location"]["code"] == "MAIN"
    assert receive(stocked, ("LAMP", "1", "1"), location="EAST").expect(201)["location"]["code"] == "EAST"
    stocked.call("archive_record", path={"resource": "locations", "id": "MAIN"}).expect(200)
    assert receive(stocked, ("LAMP", "1", "1")).expect(201)["location"]["code"] == "EAST"
    stocked.record("locations", code="WEST", name="West warehouse")
    answer = receive(stocked, ("LAMP", "1", "1")).expect(422)
    assert [error["pointer"] for error in answer["errors"]] == ["/location"]
    assert answer["detail"] == "Say at which location. MAIN has: DOCK, EAST, WEST."


def test_a_location_belongs_to_one_company(stocked: Api) -> None:
    """Stock is valued in the base currency of its company, so two companies do not share a location."""
    stocked.record("companies", code="UK", name="Test Ltd", currency="GBP", jurisdiction="GB")
    stocked.record("locations", code="LONDON", name="London", company="UK")
    before = stocked.counts()
    shared = receive(stocked, ("LAMP", "1", "1"), company="MAIN", location="MAIN").expect(422)
    assert shared["detail"] == (
        "MAIN names no company, so MAIN cannot keep stock there. Give the location its company, or choose another."
    )
    other = receive(stocked, ("LAMP", "1", "1"), company="MAIN", location="LONDON").expect(422)
    assert [(error["pointer"], error["code"]) for error in other["errors"]] == [
        ("/location", "location_of_other_company")
    ]
    assert stocked.counts() == before


def test_the_statements_are_as_many_for_one_line_as_for_many(stocked: Api) -> None:
    receive(stocked, ("LAMP", "1", "1")).expect(201)
    one, few = counted(lambda: receive(stocked, ("LAMP", "1", "1"), supplier="SUPP001"))
    many, more = counted(lambda: receive(stocked, *[("LAMP", "1", "1"), ("WIRE", "1", "1")] * 100))
    assert (one.status, many.status) == (201, 201)
    assert [len(few), len(more)] == [3, 3], "open, read, flush"


def test_a_dry_run_tells_all_and_keeps_nothing(stocked: Api) -> None:
    before = stocked.counts()
    answer = stocked.call(
        "receive_stock",
        {"items": [{"product": "LAMP", "quantity": 4, "unit_cost": "2.50"}]},
        query={"dry_run": "true"},
    ).expect(200)
    assert answer["number"] == "SR-2026-000001"
    assert answer["stock"][0]["on_hand"] == "4"
    assert [event["type"] for event in answer["dry_run"]["events"]] == ["stock.received"]
    assert stocked.counts() == before


costs = st.decimals("0", "9999", places=6)
lines = st.lists(
    st.tuples(st.sampled_from(["LAMP", "WIRE", "DESK"]), st.integers(1, 5000), costs), max_size=8, min_size=1
)


def test_stock_value_and_inventory_accounts_cannot_drift_apart(stocked: Api) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(lines)
    def received(drawn: list[tuple[str, int, Decimal]]) -> None:
        receive(stocked, *[(product, str(quantity), str(cost)) for product, quantity, cost in drawn]).expect(201)
        books = balances(stocked)
        (stock,) = stocked.rows("SELECT sum(value) AS value FROM inventory.stock")
        (moves,) = stocked.rows("SELECT sum(value) AS value, sum(quantity) AS quantity FROM inventory.stock_move")
        (hand,) = stocked.rows("SELECT sum(on_hand) AS quantity FROM inventory.stock")
        assert stock.value == moves.value == books.get("1400", 0) + books.get("1410", 0)
        assert stock.value == -books.get("2150", Decimal(0))
        assert hand.quantity == moves.quantity

    received()


def test_without_permission_nothing_happens(shop: Shop) -> None:
    before = shop.api.counts()
    clerk = shop.api.as_("clerk", "inventory.get_*")
    answer = receive(clerk, ("PROD001", "1", "1")).expect(403)
    assert answer["permission"] == "inventory.receive_stock"
    assert shop.api.counts() == before
