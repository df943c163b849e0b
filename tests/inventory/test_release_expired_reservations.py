"""The clock releases what expired, in every tenant, and tells of it once."""

from typing import Any

from functions.inventory.release_expired_reservations import release_expired_reservations
from tests.inventory.later import later
from tests.support.api import Api
from tests.support.shop import Shop

TTL = 600_007
"""A time no other test uses, so that what a sweep finds can be told exactly."""


def reserve(api: Api, quantity: str, **fields: Any) -> Any:
    """A reservation of reading lamps."""
    return api.call("create_reservation", {"product": "PROD001", "quantity": quantity, **fields}).expect(201).json


def states(api: Api) -> dict[str, tuple[str, int]]:
    """Status and version of each reservation."""
    rows = api.rows("SELECT id::text, status, version FROM kernel.document WHERE type = 'stock_reservation'")
    return {row.id: (row.status, row.version) for row in rows}


def test_what_expired_is_released_and_told_once(shop: Shop) -> None:
    ending = reserve(shop.api, "30", ttl_seconds=TTL)
    staying = reserve(shop.api, "20", ttl_seconds=TTL + 60)
    lasting = reserve(shop.api, "10")
    later(TTL - 1)
    release_expired_reservations.run()
    assert {status for status, _ in states(shop.api).values()} == {"active"}
    later(TTL + 1)
    swept = release_expired_reservations({}, None)
    assert (swept["done"], swept["failed"]) == (1, 0)
    assert states(shop.api) == {
        ending["id"]: ("expired", 2),
        staying["id"]: ("active", 1),
        lasting["id"]: ("active", 1),
    }
    (event,) = shop.api.events("stock.released")
    assert event["subject"] == f"stock_reservation/{ending['id']}"
    assert (event["actorid"], event["operation"]) == ("scheduler", "inventory.release_expired_reservations")
    assert (event["data"]["reason"], event["data"]["items"][0]["quantity"]) == ("expired", "30")
    (stock,) = shop.api.rows("SELECT reserved::text FROM inventory.stock WHERE reserved > 0")
    assert stock.reserved == "30"
    again = release_expired_reservations({}, None)
    assert (again["done"], again["failed"]) == (0, 0)
    assert len(shop.api.events("stock.released")) == 1


def test_the_event_tells_of_what_was_taken_back_before_the_clock_came_by(shop: Shop) -> None:
    made = reserve(shop.api, "60", ttl_seconds=TTL)
    later(TTL + 1)
    reserve(shop.api, "100")
    assert states(shop.api)[made["id"]] == ("active", 1)
    assert shop.api.events("stock.released") == []
    release_expired_reservations.run()
    assert states(shop.api)[made["id"]] == ("expired", 2)
    (event,) = shop.api.events("stock.released")
    (item,) = event["data"]["items"]
    assert (event["data"]["reason"], item["product"]["code"], item["quantity"]) == ("expired", "PROD001", "60")
    (rows,) = shop.api.rows("SELECT sum(quantity)::text AS quantity, count(*) AS n FROM inventory.reservation")
    assert (rows.quantity, rows.n) == ("100", 3), "given back once"


def test_every_tenant_is_swept(shop: Shop, operator: Api) -> None:
    company = {"currency": "EUR", "jurisdiction": "DE"}
    other = Api(operator.call("create_tenant", {"name": "Other", "company": company}).expect(201)["id"])
    other.record("products", code="PROD001", name="Lampe", unit="EA")
    line = {"product": "PROD001", "quantity": "5", "unit_cost": "1"}
    other.call("receive_stock", {"items": [line]}).expect(201)
    mine, theirs = reserve(shop.api, "1", ttl_seconds=TTL), reserve(other, "2", ttl_seconds=TTL)
    later(TTL + 1)
    release_expired_reservations.run()
    assert states(shop.api) == {mine["id"]: ("expired", 2)}
    assert states(other) == {theirs["id"]: ("expired", 2)}
