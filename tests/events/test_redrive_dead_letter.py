"""Redriving: the event goes to the one subscriber that could not take it, and to nobody else."""

from typing import Any

import pytest

from bigledger.kernel import relay
from bigledger.kernel.relay import Relayed
from tests.events.bus import (
    Bus,
    body_of,
    customer,
    deliver,
    greetings,
    on_customer_created,
    waiting,
)
from tests.support.api import Api


@pytest.mark.example
def test_example(example: Any, api: Api) -> None:
    told = customer(api, "CUST100", "Harbour Cafe") | {"version": 2}
    deliver(on_customer_created, [body_of(told)])
    (letter,) = api.call("list_dead_letters").expect(200)["data"]
    answer = example(path={"id": letter["id"]})
    assert answer.expect(200)["status"] == "redriven"


@pytest.fixture
def told(outbox: None, api: Api) -> Any:
    """A customer that could not be greeted, since a later release told of it."""
    told = customer(api, "C1")
    deliver(on_customer_created, [body_of(told | {"version": 2})])
    return told


@pytest.fixture
def letter(told: Any, api: Api) -> Any:
    """The letter about that."""
    (letter,) = api.call("list_dead_letters").expect(200)["data"]
    return letter


def redrive(api: Api, letter: Any, **more: Any) -> Any:
    return api.call("redrive_dead_letter", path={"id": letter["id"]}, **more)


def test_the_event_goes_to_that_subscriber_alone_and_takes_effect(bus: Bus, letter: Any, told: Any, api: Api) -> None:
    everybody = bus.queue("everybody", "customer.created")
    own = bus.queue("bigledger-events-on_customer_created")
    relay.relay()
    bus.take(everybody)
    answer = redrive(api, letter).expect(200)
    assert (answer["status"], answer["version"]) == ("redriven", 2)
    assert waiting(api) == [("customer.created", "events.on_customer_created"), ("dead_letter.redriven", None)]
    assert relay.relay() == Relayed(published=2, refused=0)
    assert bus.take(everybody) == []
    (body,) = bus.take(own)
    assert body["detail"] == told_as_stored(told)
    assert (body["detail-type"], body["source"]) == ("customer.created", "bigledger.records")
    assert deliver(on_customer_created, [body, body]) == []
    assert greetings(api) == ["C1"]


def told_as_stored(told: Any) -> Any:
    return {name: value for name, value in told.items() if name != "customer"}


def test_the_redrive_is_told_in_the_letters_history(letter: Any, api: Api) -> None:
    redrive(api, letter).expect(200)
    (told,) = api.events("dead_letter.redriven")
    assert told["subject"] == f"dead_letter/{letter['id']}"
    assert told["actorid"] == "tester"
    assert told["data"] == {
        "id": letter["id"],
        "consumer": "events.on_customer_created",
        "event_id": letter["event_id"],
        "event_type": "customer.created",
        "event_version": 2,
    }


def test_it_is_sent_again_once_at_a_time(letter: Any, api: Api) -> None:
    redrive(api, letter).expect(200)
    before = api.counts()
    answer = redrive(api, letter).expect(409)
    assert answer["detail"] == "This dead letter is redriven and cannot be redriven; only one that is open can."
    assert api.counts() == before


def test_a_letter_opens_again_when_the_subscriber_fails_again(letter: Any, told: Any, api: Api) -> None:
    redrive(api, letter).expect(200)
    deliver(on_customer_created, [body_of(told | {"version": 3})])
    (again,) = api.call("list_dead_letters").expect(200)["data"]
    assert (again["id"], again["status"], again["version"]) == (letter["id"], "open", 3)
    assert "not customer.created version 3" in again["reason"]


def test_an_event_that_is_on_its_way_already_is_not_sent_twice(letter: Any, told: Any, api: Api) -> None:
    """A late delivery opened the letter again while the first redrive still waits in the outbox."""
    redrive(api, letter).expect(200)
    deliver(on_customer_created, [body_of(told | {"version": 2})])
    before = api.counts()
    answer = redrive(api, letter).expect(409)
    assert answer["detail"] == "The event is on its way to this consumer already. Wait for it."
    assert api.counts() == before


def test_a_subscriber_that_is_gone_holds_up_nobody(bus: Bus, letter: Any, api: Api) -> None:
    relay.relay()
    redrive(api, letter).expect(200)
    queue = bus.queue("heard", "customer.created")
    customer(api, "C2")
    assert relay.relay() == Relayed(published=2, refused=1)
    assert [body["detail"]["data"]["code"] for body in bus.take(queue)] == ["C2"]
    assert waiting(api) == [("customer.created", "events.on_customer_created")]


def test_a_dry_run_sends_nothing(letter: Any, api: Api) -> None:
    before = api.counts()
    answer = redrive(api, letter, query={"dry_run": "true"}).expect(200)
    assert answer["status"] == "redriven"
    assert api.counts() == before
    assert api.call("list_dead_letters").expect(200)["data"] == [letter]


def test_another_version_is_refused(letter: Any, api: Api) -> None:
    before = api.counts()
    assert redrive(api, letter, headers={"If-Match": '"4"'}).expect(412)["code"] == "stale_version"
    assert api.counts() == before
    redrive(api, letter, headers={"If-Match": '"1"'}).expect(200)


def test_another_tenants_letter_is_not_found(letter: Any, api: Api, other: Api) -> None:
    before = api.counts()
    for id in (letter["id"], "nonsense"):
        redrive(other, {"id": id}).expect(404)
    assert api.counts() == before


def test_without_the_permission_nothing_is_sent(letter: Any, api: Api) -> None:
    before = api.counts()
    answer = redrive(api.as_("clerk", "events.list_*"), letter).expect(403)
    assert answer["permission"] == "events.redrive_dead_letter"
    assert api.counts() == before
