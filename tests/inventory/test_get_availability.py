"""What can be promised: on hand less what is reserved, per location and in all."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_what_can_be_promised_is_told_per_location(example: Any, example_api: Api) -> None:
    example_api.call("create_reservation", {"product": "PROD001", "quantity": 10}).expect(201)
    answer = example(query={"product": "PROD001"})
    assert answer.status == 200
    assert answer["available"] == "90"


def test_reservations_lessen_what_is_available_where_they_are(shop: Shop) -> None:
    shop.api.record("locations", code="EAST", name="East warehouse")
    line = {"product": "PROD001", "quantity": "7", "unit_cost": "1"}
    shop.api.call("receive_stock", {"items": [line], "location": "EAST"}).expect(201)
    shop.api.call("create_reservation", {"product": "PROD001", "quantity": 3, "location": "EAST"}).expect(201)
    answer = shop.api.call("get_availability", query={"product": "PROD001"}).expect(200).json
    assert answer["product"]["code"] == "PROD001"
    assert answer["product"]["name"] == "Reading lamp"
    assert answer["unit"] == "EA"
    assert (answer["on_hand"], answer["reserved"], answer["available"]) == ("107", "3", "104")
    assert [
        (row["location"]["code"], row["on_hand"], row["reserved"], row["available"]) for row in answer["locations"]
    ] == [("EAST", "7", "3", "4"), ("MAIN", "100", "0", "100")]


def test_a_product_and_a_location_may_be_named_by_id(shop: Shop) -> None:
    everywhere = shop.api.call("get_availability", query={"product": "PROD001"}).expect(200).json
    place = everywhere["locations"][0]["location"]
    query = {"product": everywhere["product"]["id"], "location": place["id"]}
    assert shop.api.call("get_availability", query=query).expect(200).json == everywhere


def test_where_nothing_was_ever_kept_there_is_none(shop: Shop) -> None:
    shop.api.record("locations", code="EAST", name="East warehouse")
    answer = shop.api.call("get_availability", query={"product": "PROD002", "location": "EAST"}).expect(200).json
    assert [(row["location"]["code"], row["on_hand"], row["available"]) for row in answer["locations"]] == [
        ("EAST", "0", "0")
    ]
    shop.api.record("products", code="NEW", name="New", unit="EA")
    answer = shop.api.call("get_availability", query={"product": "NEW"}).expect(200).json
    assert (answer["on_hand"], answer["available"], answer["locations"]) == ("0", "0", [])


def test_unknown_names_are_told_at_once(shop: Shop) -> None:
    answer = shop.api.call("get_availability", query={"product": "NOPE", "location": "NOWHERE"}).expect(422)
    assert answer["code"] == "unknown_reference"
    assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [
        ("/product", "unknown_product"),
        ("/location", "unknown_location"),
    ]


def test_a_service_has_no_stock(shop: Shop) -> None:
    answer = shop.api.call("get_availability", query={"product": "SERV001"}).expect(422)
    assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [("/product", "not_stocked")]


def test_it_takes_one_statement_after_the_request_is_open(shop: Shop) -> None:
    answer, sent = counted(lambda: shop.api.call("get_availability", query={"product": "PROD001"}))
    assert answer.status == 200
    assert len(sent) == 2
