"""The answers kept for repeated requests are forgotten after 30 days, and nothing else is."""

import json

import pytest
from psycopg import errors

from bigledger.kernel import idempotency
from functions.platform.purge_idempotency_keys import purge_idempotency_keys
from tests.inventory.later import later
from tests.support.api import Api, Response, find
from tests.support.database import plain_url
from tests.support.shop import Shop
from tests.support.sql import by_hand, refused

DAY = 86_400


@pytest.fixture
def shops(shop: Shop, operator: Api) -> tuple[Api, Api]:
    """Two tenants that sell the same product; no answer to an earlier test's request is known any more."""
    company = {"currency": "USD", "jurisdiction": "US-CA"}
    other = Shop(Api(operator.call("create_tenant", {"name": "Other", "company": company}).expect(201)["id"]))
    later(10_000 * DAY)
    idempotency.purge()
    later(100 * DAY)
    return shop.api, other.api


def reserve(api: Api, key: str) -> Response:
    """Reserve a reading lamp, with an idempotency key."""
    body = {"product": "PROD001", "quantity": "1"}
    return api.call("create_reservation", body, headers={"Idempotency-Key": key}).expect(201)


def keys(api: Api) -> set[str]:
    """The keys that are known of a tenant."""
    return {row.key for row in api.rows("SELECT key FROM kernel.idempotency")}


def test_it_runs_each_day_and_keeps_for_thirty() -> None:
    assert (purge_idempotency_keys.rate, purge_idempotency_keys.role) == ("rate(1 day)", "dispatcher")
    assert idempotency.RETENTION.days == 30


def test_old_keys_are_forgotten_and_young_ones_answered_as_before_in_every_tenant(shops: tuple[Api, Api]) -> None:
    old = [reserve(api, "old") for api in shops]
    later(101 * DAY)
    young = [reserve(api, "young") for api in shops]
    later(130 * DAY - 1)
    assert purge_idempotency_keys({}, None) == {"answers": 0}
    later(130 * DAY + 60)
    assert purge_idempotency_keys({}, None) == {"answers": 2}
    assert [keys(api) for api in shops] == [{"request young"}] * 2
    for api, before, after in zip(shops, young, old, strict=True):
        again = reserve(api, "young")
        assert (again.text, again.headers["Idempotency-Hit"]) == (before.text, "true")
        anew = reserve(api, "old")
        assert anew["id"] != after["id"]
        assert "Idempotency-Hit" not in anew.headers


def test_that_an_event_has_taken_effect_is_never_forgotten(shops: tuple[Api, Api], shop: Shop) -> None:
    later(0)
    shop.invoice()
    (event,) = shop.api.events("invoice.created")
    delivered = {
        "messageId": "m",
        "body": json.dumps({"detail": event}),
        "attributes": {"ApproximateReceiveCount": "1"},
    }
    subscriber = find("reporting.on_invoice_created")
    assert subscriber({"Records": [delivered]}, None) == {"batchItemFailures": []}
    later(5000 * DAY)
    assert purge_idempotency_keys.run() == idempotency.Purged(answers=0)
    assert keys(shop.api) == {f"event reporting.on_invoice_created {event['id']}"}
    before = shop.api.counts()
    assert subscriber({"Records": [delivered]}, None) == {"batchItemFailures": []}
    assert shop.api.counts() == before


def test_batches_are_bounded_and_so_is_a_run(shops: tuple[Api, Api], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "BATCH", 2)
    api, _ = shops
    for number in range(5):
        later(100 * DAY + number)
        reserve(api, f"{number}")
    later(131 * DAY)
    assert idempotency.purge(limit=3).answers == 4, "whole batches, the oldest first"
    assert keys(api) == {"request 4"}
    assert idempotency.purge().answers == 1
    assert keys(api) == set()


def test_nobody_else_deletes_them(shops: tuple[Api, Api]) -> None:
    api, _ = shops
    reserve(api, "kept")
    refused(api, errors.InsufficientPrivilege, "DELETE FROM kernel.idempotency")
    assert keys(api) == {"request kept"}


def test_the_dispatcher_neither_sees_nor_deletes_what_says_that_events_took_effect(shops: tuple[Api, Api]) -> None:
    api, _ = shops
    with by_hand(api) as connection:
        connection.execute(
            "INSERT INTO kernel.idempotency (key, operation, request_hash, status, body)"
            " VALUES ('event reporting.on_invoice_created x', 'x', '', 200, '')"
        )
    with by_hand(None, plain_url("DISPATCHER_DATABASE_URL")) as connection:
        assert connection.execute("DELETE FROM kernel.idempotency WHERE starts_with(key, 'event ')").rowcount == 0
        (row,) = connection.execute("SELECT count(*) AS n FROM kernel.idempotency WHERE starts_with(key, 'event ')")
        assert row.n == 0
    assert "event reporting.on_invoice_created x" in keys(api)
