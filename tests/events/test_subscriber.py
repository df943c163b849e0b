"""A subscriber takes effect once per event, and what it cannot take is put aside, not lost."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bigledger.kernel import relay
from tests.events.bus import (
    Bus,
    body_of,
    customer,
    deliver,
    greetings,
    on_customer_created,
)
from tests.support.api import Api


def letters(api: Api, **query: str) -> Any:
    return api.call("list_dead_letters", query=query).expect(200)["data"]


def test_an_event_that_went_over_the_bus_takes_effect_in_its_tenant(bus: Bus, api: Api, other: Api) -> None:
    queue = bus.queue("greeter", "customer.created")
    told = customer(api, "C1")
    relay.relay()
    assert deliver(on_customer_created, bus.take(queue)) == []
    assert (greetings(api), greetings(other)) == (["C1"], [])
    (greeted,) = api.events("customer.greeted")
    assert greeted["actorid"] == "events.on_customer_created"
    assert greeted["operation"] == "events.on_customer_created"
    assert greeted["causationid"] == told["id"]
    assert greeted["correlationid"] == told["correlationid"]


def test_an_event_delivered_three_times_takes_effect_once(api: Api) -> None:
    body = body_of(customer(api, "C1"))
    assert deliver(on_customer_created, [body, body]) == []
    assert deliver(on_customer_created, [body]) == []
    assert greetings(api) == ["C1"]
    assert len(api.events("customer.greeted")) == 1


def test_three_deliveries_at_once_take_effect_once(api: Api) -> None:
    body = body_of(customer(api, "C1"))
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda _: deliver(on_customer_created, [body]), range(3))) == [[], [], []]
    assert greetings(api) == ["C1"]
    assert len(api.events("customer.greeted")) == 1


def test_deliveries_out_of_order_and_twice_end_alike(api: Api) -> None:
    bodies = [body_of(customer(api, f"C{place}")) for place in range(3)]
    assert deliver(on_customer_created, [bodies[2], bodies[0], bodies[2], bodies[1], bodies[0]]) == []
    assert greetings(api) == ["C0", "C1", "C2"]


def test_a_failure_keeps_its_own_event_only(api: Api) -> None:
    bodies = [body_of(customer(api, "C1")), body_of(customer(api, "C2", "Nobody")), body_of(customer(api, "C3"))]
    assert deliver(on_customer_created, bodies) == ["m1"]
    assert greetings(api) == ["C1", "C3"]
    assert [event["data"]["code"] for event in api.events("customer.greeted")] == ["C1", "C3"]
    assert letters(api) == []


def test_what_fails_again_and_again_is_put_aside_with_the_reason(api: Api) -> None:
    told = customer(api, "C1", "Nobody")
    for count in range(1, 5):
        assert deliver(on_customer_created, [body_of(told)], receive_count=count) == ["m0"]
    assert letters(api) == []
    assert deliver(on_customer_created, [body_of(told)], receive_count=5) == []
    (letter,) = letters(api)
    assert letter["reason"] == "LookupError: nobody to greet"
    assert letter["event_id"] == told["id"]
    assert greetings(api) == []


def test_an_unknown_version_is_put_aside_once_and_says_what_to_do(api: Api) -> None:
    told = customer(api, "C1") | {"version": 7}
    for _ in range(3):
        assert deliver(on_customer_created, [body_of(told)]) == []
    (letter,) = letters(api)
    assert letter["reason"] == (
        "events.on_customer_created reads customer.created version 1, not customer.created version 7."
        " Deploy a release that reads it, then redrive."
    )
    assert (letter["event_type"], letter["event_version"]) == ("customer.created", 7)
    assert greetings(api) == []


def test_unknown_versions_at_once_are_put_aside_once(api: Api) -> None:
    body = body_of(customer(api, "C1") | {"version": 7})
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda _: deliver(on_customer_created, [body]), range(3))) == [[], [], []]
    assert len(letters(api)) == 1


def test_data_of_another_shape_is_put_aside_with_the_places(api: Api) -> None:
    told = customer(api, "C1")
    assert deliver(on_customer_created, [body_of(told | {"data": {"code": 5}})]) == []
    (letter,) = letters(api)
    assert letter["reason"] == (
        "This is no customer.created version 1: /id: this field is required; /code: Input should be a valid string;"
        " /data: this field is required"
    )


@pytest.mark.parametrize("body", ["no JSON", "[]", "{}", {"detail": {"id": "x"}}])
def test_what_is_no_event_goes_back_to_the_queue_alone(api: Api, body: Any) -> None:
    """It names no tenant that could be told; the queue has dead letters of its own for it."""
    good = body_of(customer(api, "C1"))
    assert deliver(on_customer_created, [body, good]) == ["m0"]
    assert greetings(api) == ["C1"]


def test_data_that_was_too_large_to_be_published_is_read_where_it_is_stored(api: Api) -> None:
    told = customer(api, "C1")
    del told["data"]
    assert deliver(on_customer_created, [body_of(told | {"dataref": f"/api/v1/events/{told['id']}"})]) == []
    assert greetings(api) == ["C1"]
