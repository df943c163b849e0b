"""Releasing what was reserved: once, however often and by however many it is asked."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from bigledger.kernel import runtime
from bigledger.kernel.database import transaction
from tests.inventory.later import later
from tests.support.api import Api, Response
from tests.support.shop import Shop
from tests.support.statements import counted


def reserve(api: Api, quantity: str, **fields: Any) -> Any:
    """A reservation of reading lamps."""
    return api.call("create_reservation", {"product": "PROD001", "quantity": quantity, **fields}).expect(201).json


def release(api: Api, id: str, **options: Any) -> Response:
    """Ask for its release."""
    return api.call("release_reservation", path={"id": id}, **options)


@pytest.mark.example
def test_a_reservation_is_released(example: Any, example_api: Api) -> None:
    made = example_api.call("create_reservation", {"product": "PROD001", "quantity": 10}).expect(201)
    answer = example(path={"id": made["id"]})
    assert answer.status == 200
    assert answer["status"] == "released"


def test_what_is_released_can_be_promised_again(shop: Shop) -> None:
    made = reserve(shop.api, "30")
    reserve(shop.api, "5")
    answer = release(shop.api, made["id"]).expect(200)
    assert (answer["status"], answer["version"], answer["available_after"]) == ("released", 2, "95")
    assert answer["quantity"] == "30"
    assert answer["events"] == ["stock.released"]
    assert shop.available("PROD001") == "95"
    (event,) = shop.api.events("stock.released")
    assert event["subject"] == f"stock_reservation/{made['id']}"
    assert event["sequence"] == 2
    assert event["data"]["reason"] == "released"
    (item,) = event["data"]["items"]
    assert (item["product"]["code"], item["location"]["code"], item["quantity"]) == ("PROD001", "MAIN", "30")
    (reserved,) = [e for e in shop.api.events("stock.reserved") if e["subject"] == event["subject"]]
    assert item["reservation_id"] == reserved["data"]["items"][0]["reservation_id"]


def test_releasing_twice_is_harmless(shop: Shop) -> None:
    made = reserve(shop.api, "30")
    first = release(shop.api, made["id"], headers={"If-Match": '"1"'}).expect(200)
    before = shop.api.counts()
    again = release(shop.api, made["id"], headers={"If-Match": '"1"'}).expect(200)
    assert again.json == {**first.json, "events": []}
    assert shop.api.counts() == before
    assert len(shop.api.events("stock.released")) == 1


def test_a_release_of_another_version_is_refused(shop: Shop) -> None:
    made = reserve(shop.api, "30")
    before = shop.api.counts()
    answer = release(shop.api, made["id"], headers={"If-Match": '"7"'}).expect(412)
    assert answer["code"] == "stale_version"
    assert shop.api.counts() == before
    assert shop.available("PROD001") == "70"


def test_releasing_what_has_expired_says_so(shop: Shop) -> None:
    made = reserve(shop.api, "30", ttl_seconds=10)
    later(11)
    answer = release(shop.api, made["id"]).expect(200)
    assert (answer["status"], answer["available_after"], answer["events"]) == ("expired", "100", ["stock.released"])
    (event,) = shop.api.events("stock.released")
    assert (event["data"]["reason"], event["data"]["items"][0]["quantity"]) == ("expired", "30")
    assert release(shop.api, made["id"]).expect(200)["status"] == "expired"
    assert len(shop.api.events("stock.released")) == 1


def test_an_unknown_reservation_is_not_found(shop: Shop) -> None:
    for id in ("PROD001", "01890000-0000-7000-8000-000000000000"):
        assert release(shop.api, id).expect(404)["code"] == "not_found"
    invoiced = shop.api.call("get_availability", query={"product": "PROD001"}).expect(200)["product"]["id"]
    assert release(shop.api, invoiced).expect(404)["code"] == "not_found", "the id of another kind of document"


def test_another_tenant_cannot_release_it(shop: Shop, operator: Api) -> None:
    made = reserve(shop.api, "30")
    company = {"currency": "EUR", "jurisdiction": "DE"}
    other = Api(operator.call("create_tenant", {"name": "Other", "company": company}).expect(201)["id"])
    assert release(other, made["id"]).expect(404)["code"] == "not_found"
    assert shop.available("PROD001") == "70"


def test_two_releases_at_once_release_once(shop: Shop, admin_url: str) -> None:
    """Both have read the reservation as active before either writes: one releases, the other finds it released."""
    made = reserve(shop.api, "30")
    with ThreadPoolExecutor(2) as people, transaction() as holder:
        holder.rows(
            "SELECT * FROM kernel.open(:tenant, :instant, NULL, NULL)",
            tenant=str(shop.api.tenant_id),
            instant=runtime.clock.now().isoformat(),
        )
        holder.rows("SELECT 1 FROM kernel.document WHERE id = cast(:id AS uuid) FOR UPDATE", id=made["id"])
        asked = [people.submit(release, shop.api, made["id"]) for _ in range(2)]
        _until(lambda: _waiting(admin_url) == 2)
        holder.discard()
    answers = [future.result() for future in asked]
    assert [(answer.status, answer["status"], answer["version"]) for answer in answers] == [(200, "released", 2)] * 2
    assert sorted(answer["events"] for answer in answers) == [[], ["stock.released"]]
    assert len(shop.api.events("stock.released")) == 1
    assert shop.available("PROD001") == "100"


def _waiting(admin_url: str) -> int:
    with psycopg.connect(admin_url, autocommit=True) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'bigledger_application'"
        ).fetchone()
    assert row is not None
    return int(row[0])


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 30 seconds"
        time.sleep(0.01)


def test_it_takes_three_statements_and_two_when_there_is_nothing_to_do(shop: Shop) -> None:
    made = reserve(shop.api, "1")
    answer, sent = counted(lambda: release(shop.api, made["id"]))
    assert (answer.status, len(sent)) == (200, 3), "open, read, flush"
    answer, sent = counted(lambda: release(shop.api, made["id"]))
    assert (answer.status, len(sent)) == (200, 2)


def test_without_permission_nothing_happens(shop: Shop) -> None:
    made = reserve(shop.api, "1")
    before = shop.api.counts()
    answer = release(shop.api.as_("clerk", "inventory.get_*"), made["id"]).expect(403)
    assert answer["permission"] == "inventory.release_reservation"
    assert shop.api.counts() == before
