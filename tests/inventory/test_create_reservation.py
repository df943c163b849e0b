"""Reserving stock before there is a document: never more than there is, whoever asks at the same time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tests.inventory.later import later
from tests.support.api import Api, Response
from tests.support.shop import Shop
from tests.support.statements import counted


def reserve(api: Api, product: str, quantity: str, **fields: Any) -> Response:
    """Ask for a reservation."""
    return api.call("create_reservation", {"product": product, "quantity": quantity, **fields})


def stock(api: Api, product: str) -> tuple[str, str]:
    """On hand and reserved, as stored."""
    (row,) = api.rows(
        "SELECT on_hand::text, reserved::text FROM inventory.stock s JOIN kernel.document p ON p.id = s.product_id"
        " WHERE p.number = :product",
        product=product,
    )
    return row.on_hand, row.reserved


@pytest.mark.example
def test_stock_is_held_for_a_while(example: Any) -> None:
    answer = example(body={"product": "PROD001", "quantity": 10, "ttl_seconds": 900, "note": "Order on the phone"})
    assert answer.status == 201
    assert answer["available_after"] == "90"


@pytest.mark.example
def test_more_than_there_is_cannot_be_held(example: Any) -> None:
    answer = example(body={"product": "PROD001", "quantity": 101})
    assert answer.status == 422
    assert answer["code"] == "insufficient_stock"


def test_a_reservation_answers_until_when_it_holds_and_what_is_left(shop: Shop) -> None:
    answer = reserve(shop.api, "PROD001", "30", ttl_seconds=900, note="On the phone").expect(201)
    body = answer.json
    assert (body["status"], body["version"]) == ("active", 1)
    assert (body["company"]["code"], body["product"]["code"], body["location"]["code"]) == ("MAIN", "PROD001", "MAIN")
    assert (body["quantity"], body["available_after"], body["note"]) == ("30", "70", "On the phone")
    (event,) = shop.api.events("stock.reserved")
    assert body["expires_at"] == event["data"]["expires_at"]
    assert body["expires_at"].startswith("2026-11-23T09:15:0")
    assert body["events"] == ["stock.reserved"]
    assert body["links"] == {
        "history": f"/api/v1/documents/{body['id']}/history",
        "availability": f"/api/v1/stock/availability?product={body['product']['id']}&location={body['location']['id']}",
    }
    assert answer.headers["ETag"] == '"1"'
    assert event["subject"] == f"stock_reservation/{body['id']}"
    assert event["data"]["document_id"] == body["id"]
    assert event["data"]["document_type"] == "stock_reservation"
    (item,) = event["data"]["items"]
    assert (item["product"]["code"], item["location"]["code"]) == ("PROD001", "MAIN")
    assert (item["quantity"], item["available_after"]) == ("30", "70")
    assert stock(shop.api, "PROD001") == ("100", "30")


def test_without_a_time_it_holds_until_it_is_released(shop: Shop) -> None:
    assert "expires_at" not in reserve(shop.api, "PROD001", "100").expect(201).json
    later(10 * 365 * 24 * 3600)
    assert reserve(shop.api, "PROD001", "1").expect(422)["code"] == "insufficient_stock"


def test_more_than_is_available_is_refused_with_the_shortage(shop: Shop) -> None:
    reserve(shop.api, "PROD001", "95").expect(201)
    before = shop.api.counts()
    answer = reserve(shop.api, "PROD001", "6").expect(422).json
    assert answer["code"] == "insufficient_stock"
    assert answer["shortages"] == [
        {"product": "PROD001", "location": "MAIN", "requested": "6", "available": "5", "short": "1"}
    ]
    assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [("/quantity", "insufficient_stock")]
    assert answer["detail"] == (
        "There is not enough stock. PROD001 at MAIN: 6 wanted, 5 available."
        " Ask for less, or wait for more to be received."
    )
    assert shop.api.counts() == before
    assert stock(shop.api, "PROD001") == ("100", "95")


def test_unknown_names_services_and_fractions_are_refused(shop: Shop) -> None:
    before = shop.api.counts()
    unknown = reserve(shop.api, "NOPE", "1", location="NOWHERE").expect(422)
    assert [error["pointer"] for error in unknown["errors"]] == ["/location", "/product"]
    service = reserve(shop.api, "SERV001", "1").expect(422)
    assert [(error["pointer"], error["code"]) for error in service["errors"]] == [("/product", "not_stocked")]
    fraction = reserve(shop.api, "PROD001", "0.5").expect(422)
    assert [(error["pointer"], error["code"]) for error in fraction["errors"]] == [("/quantity", "too_many_decimals")]
    assert shop.api.counts() == before


@pytest.mark.parametrize("ttl", [0, -1, 2592001])
def test_a_time_is_one_second_to_thirty_days(shop: Shop, ttl: int) -> None:
    answer = reserve(shop.api, "PROD001", "1", ttl_seconds=ttl).expect(422)
    assert [error["pointer"] for error in answer["errors"]] == ["/ttl_seconds"]


def test_an_expired_reservation_gives_way_to_the_next_one(shop: Shop) -> None:
    """Nobody waits for the clock to sweep: who needs the stock takes it back in the same transaction."""
    first = reserve(shop.api, "PROD002", "15", ttl_seconds=60).expect(201)
    second = reserve(shop.api, "PROD002", "5", ttl_seconds=30).expect(201)
    later(45)
    answer = reserve(shop.api, "PROD002", "6").expect(422)
    assert answer["shortages"][0]["available"] == "5", "only the second has expired"
    later(61)
    assert shop.available("PROD002") == "20"
    taken = reserve(shop.api, "PROD002", "6").expect(201)
    assert taken["available_after"] == "14"
    assert taken["events"] == ["stock.reserved"]
    rows = shop.api.rows(
        "SELECT document_id::text, entry, quantity::text, reason FROM inventory.reservation ORDER BY recorded_at, entry"
    )
    assert {tuple(row) for row in rows} == {
        (first["id"], 1, "15", "reserved"),
        (first["id"], 2, "-15", "expired"),
        (second["id"], 1, "5", "reserved"),
        (second["id"], 2, "-5", "expired"),
        (taken["id"], 1, "6", "reserved"),
    }
    assert stock(shop.api, "PROD002") == ("20", "6")


def test_expired_reservations_are_taken_back_only_as_far_as_needed(shop: Shop) -> None:
    early = reserve(shop.api, "PROD002", "4", ttl_seconds=10).expect(201)
    reserve(shop.api, "PROD002", "4", ttl_seconds=20).expect(201)
    later(30)
    reserve(shop.api, "PROD002", "13").expect(201)
    expired = shop.api.rows("SELECT document_id::text FROM inventory.reservation WHERE reason = 'expired'")
    assert [row.document_id for row in expired] == [early["id"]], "twelve were free; the oldest gave the thirteenth"
    assert stock(shop.api, "PROD002") == ("20", "17")
    assert shop.available("PROD002") == "7"


def test_fifty_at_once_get_the_last_ten_and_no_more(shop: Shop) -> None:
    """Exactly ten units are reserved; everyone else is told what is missing, and reserved is the sum of rows."""
    reserve(shop.api, "PROD001", "90").expect(201)
    together = Barrier(50)

    def attempt(number: int) -> Response:
        together.wait()
        return reserve(shop.api, "PROD001", "1", note=f"agent {number}")

    with ThreadPoolExecutor(50) as agents:
        answers = list(agents.map(attempt, range(50)))
    refused = [answer for answer in answers if answer.status != 201]
    assert len(answers) - len(refused) == 10
    assert {(answer.status, answer["code"]) for answer in refused} == {(422, "insufficient_stock")}
    shortage = {"product": "PROD001", "location": "MAIN", "requested": "1", "available": "0", "short": "1"}
    assert all(answer["shortages"] == [shortage] for answer in refused)
    assert stock(shop.api, "PROD001") == ("100", "100")
    (rows,) = shop.api.rows("SELECT sum(quantity)::text AS quantity FROM inventory.reservation")
    assert rows.quantity == "100"
    assert len(shop.api.events("stock.reserved")) == 11


def test_those_who_need_the_same_expired_stock_at_once_take_it_back_once(shop: Shop) -> None:
    reserve(shop.api, "PROD002", "20", ttl_seconds=10).expect(201)
    later(20)
    together = Barrier(8)

    def attempt(_: int) -> Response:
        together.wait()
        return reserve(shop.api, "PROD002", "3")

    with ThreadPoolExecutor(8) as agents:
        statuses = sorted(answer.status for answer in agents.map(attempt, range(8)))
    assert statuses == [201] * 6 + [422] * 2
    assert stock(shop.api, "PROD002") == ("20", "18")
    (expired,) = shop.api.rows("SELECT count(*) AS n FROM inventory.reservation WHERE reason = 'expired'")
    assert expired.n == 1


def test_the_same_request_twice_reserves_once(shop: Shop) -> None:
    body = {"product": "PROD001", "quantity": 10}
    first = shop.api.call("create_reservation", body, headers={"Idempotency-Key": "cart-1"}).expect(201)
    again = shop.api.call("create_reservation", body, headers={"Idempotency-Key": "cart-1"}).expect(201)
    assert again.json == first.json
    assert again.headers["Idempotency-Hit"] == "true"
    assert stock(shop.api, "PROD001") == ("100", "10")


def test_it_takes_three_statements(shop: Shop) -> None:
    answer, sent = counted(lambda: reserve(shop.api, "PROD001", "1"))
    assert answer.status == 201
    assert len(sent) == 3, "open, read, flush"


def test_without_permission_nothing_happens(shop: Shop) -> None:
    before = shop.api.counts()
    answer = reserve(shop.api.as_("clerk", "inventory.get_*"), "PROD001", "1").expect(403)
    assert answer["permission"] == "inventory.create_reservation"
    assert shop.api.counts() == before
