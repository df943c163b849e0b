"""The relay publishes what was committed, each event once, and nobody's trouble holds up the others."""

import json
import threading
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from bigledger.kernel import relay
from bigledger.kernel.relay import Relayed
from functions.events.relay_events import relay_events
from tests.events.bus import Bus, customer, waiting
from tests.support.api import Api


class Refusing:
    """The bus's client, which refuses some entries, or breaks off before a call."""

    def __init__(self, client: Any, refused: tuple[str, ...] = (), broken_after: int = 1000) -> None:
        self.client = client
        self.refused = refused
        self.calls_left = broken_after
        self.sizes: list[tuple[int, int]] = []

    def put_events(self, Entries: list[Any]) -> Any:  # noqa: N803 - as boto3 names it
        if self.calls_left == 0:
            raise EndpointConnectionError(endpoint_url="the bus")
        self.calls_left -= 1
        self.sizes.append((len(Entries), sum(len(entry["Detail"].encode()) for entry in Entries)))
        outcomes: list[Any] = []
        for entry in Entries:
            if json.loads(entry["Detail"])["data"].get("code") in self.refused:
                outcomes.append({"ErrorCode": "InternalFailure", "ErrorMessage": "try again"})
            else:
                outcomes += self.client.put_events(Entries=[entry])["Entries"]
        return {"Entries": outcomes, "FailedEntryCount": len(self.refused)}


@pytest.fixture
def refusing(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> Refusing:
    client = Refusing(bus.events)
    monkeypatch.setattr(relay, "_client", lambda name: client if name == "events" else bus.sqs)
    return client


def codes(bodies: list[Any]) -> list[str]:
    return [body["detail"]["data"]["code"] for body in bodies]


def test_a_committed_event_is_published_once_as_it_is_stored(bus: Bus, api: Api) -> None:
    queue = bus.queue("heard", "customer.created")
    customer(api, "C1")
    assert waiting(api) == [("customer.created", None)]
    assert relay_events({}, None) == {"published": 1, "refused": 0}
    assert waiting(api) == []
    (body,) = bus.take(queue)
    assert body["source"] == "bigledger.records"
    assert body["detail-type"] == "customer.created"
    assert body["detail"] == api.events("customer.created")[0]
    assert relay_events({}, None) == {"published": 0, "refused": 0}
    assert bus.take(queue) == []


def test_what_was_refused_or_only_tried_is_not_published(bus: Bus, api: Api) -> None:
    fields = {"code": "C1", "name": "One", "jurisdiction": "US"}
    api.call("create_record", fields, path={"resource": "customers"}, query={"dry_run": "true"}).expect(200)
    api.call("create_record", fields | {"payment_terms": "NOPE"}, path={"resource": "customers"}).expect(422)
    assert waiting(api) == []
    assert relay.relay() == Relayed(published=0, refused=0)


def test_exactly_what_the_bus_refused_is_kept(bus: Bus, api: Api, refusing: Refusing) -> None:
    queue = bus.queue("heard", "customer.created")
    for place in range(12):
        customer(api, f"C{place:02}")
    refusing.refused = ("C03", "C11")
    assert relay.relay() == Relayed(published=10, refused=2)
    assert codes(bus.take(queue)) == [f"C{place:02}" for place in range(12) if place not in (3, 11)]
    assert waiting(api) == [("customer.created", None)] * 2
    refusing.refused = ()
    assert relay.relay() == Relayed(published=2, refused=0)
    assert codes(bus.take(queue)) == ["C03", "C11"]
    assert waiting(api) == []


def test_what_is_refused_over_and_over_holds_nothing_up(
    bus: Bus, api: Api, refusing: Refusing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "BATCH", 2)
    queue = bus.queue("heard", "customer.created")
    for place in range(5):
        customer(api, f"C{place}")
    refusing.refused = ("C0", "C1", "C2")
    assert relay.relay() == Relayed(published=2, refused=3)
    assert codes(bus.take(queue)) == ["C3", "C4"]


def test_when_the_bus_breaks_off_what_it_took_is_not_sent_again(bus: Bus, api: Api, refusing: Refusing) -> None:
    queue = bus.queue("heard", "customer.created")
    for place in range(12):
        customer(api, f"C{place:02}")
    refusing.calls_left = 1
    with pytest.raises(EndpointConnectionError):
        relay.relay()
    assert len(waiting(api)) == 2
    refusing.calls_left = 1
    assert relay.relay() == Relayed(published=2, refused=0)
    assert codes(bus.take(queue)) == [f"C{place:02}" for place in range(12)]


def test_two_relays_at_once_publish_nothing_twice(bus: Bus, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = bus.queue("heard", "customer.created")
    customer(api, "C1")
    customer(api, "C2")
    holding, released = threading.Event(), threading.Event()

    class Slow:
        def put_events(self, Entries: list[Any]) -> Any:  # noqa: N803 - as boto3 names it
            holding.set()
            assert released.wait(20)
            return bus.events.put_events(Entries=Entries)

    monkeypatch.setattr(relay, "_client", lambda _: Slow())
    results: list[Relayed] = []
    first = threading.Thread(target=lambda: results.append(relay.relay()))
    first.start()
    assert holding.wait(20)
    customer(api, "C3")
    monkeypatch.setattr(relay, "_client", lambda _: bus.events)
    assert relay.relay() == Relayed(published=1, refused=0)
    assert codes(bus.take(queue)) == ["C3"]
    released.set()
    first.join(20)
    assert results == [Relayed(published=2, refused=0)]
    assert codes(bus.take(queue)) == ["C1", "C2"]
    assert waiting(api) == []


def test_every_tenants_events_are_published_under_its_name(bus: Bus, api: Api, other: Api) -> None:
    queue = bus.queue("heard", "customer.created")
    relay.relay()
    customer(api, "C1")
    customer(other, "C2")
    assert relay.relay() == Relayed(published=2, refused=0)
    assert [(body["detail"]["tenantid"], body["detail"]["data"]["code"]) for body in bus.take(queue)] == [
        (api.tenant_id, "C1"),
        (other.tenant_id, "C2"),
    ]


def prices(length: int) -> list[dict[str, Any]]:
    """Items of a price list, about 80 bytes each."""
    return [{"product": "P1", "unit_price": "1.00", "minimum_quantity": str(place + 1)} for place in range(length)]


@pytest.fixture
def product(api: Api) -> None:
    api.record("products", code="P1", name="Lamp", unit="EA")


def test_entries_go_together_only_as_far_as_the_bus_takes_them(
    product: None, bus: Bus, api: Api, refusing: Refusing
) -> None:
    for place in range(3):
        api.record("price-lists", code=f"L{place}", name="List", currency="USD", items=prices(1500))
    assert relay.relay() == Relayed(published=3, refused=0)
    assert [count for count, _ in refusing.sizes] == [2, 1]
    assert all(size <= 256 * 1024 for _, size in refusing.sizes)


def test_an_event_too_large_for_the_bus_says_where_it_is_read(product: None, bus: Bus, api: Api) -> None:
    queue = bus.queue("heard", "price_list.created")
    api.record("price-lists", code="L1", name="List", currency="USD", items=prices(4000))
    assert relay.relay() == Relayed(published=1, refused=0)
    (body,) = bus.take(queue)
    (stored,) = api.events("price_list.created")
    assert body["detail"] == {name: value for name, value in stored.items() if name != "data"} | {
        "dataref": f"/api/v1/events/{stored['id']}"
    }
    read = api.call("get_event", path={"id": stored["id"]}).expect(200)
    assert read["data"] == stored["data"]
    assert len(read["data"]["data"]["items"]) == 4000
