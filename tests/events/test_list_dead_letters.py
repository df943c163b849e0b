"""The dead letters: what a subscriber could not take, and why."""

from typing import Any

import pytest

from tests.events.bus import body_of, customer, deliver, on_customer_created
from tests.support.api import Api


@pytest.mark.example
def test_example(example: Any, api: Api) -> None:
    told = customer(api, "CUST100", "Harbour Cafe") | {"version": 2}
    deliver(on_customer_created, [body_of(told)])
    answer = example()
    (letter,) = answer.expect(200)["data"]
    assert letter["event_version"] == 2


def test_a_letter_tells_which_event_which_subscriber_and_why(api: Api) -> None:
    told = customer(api, "C1") | {"version": 2}
    deliver(on_customer_created, [body_of(told)])
    (letter,) = api.call("list_dead_letters").expect(200)["data"]
    for unforeseeable in ("id", "created_at", "updated_at", "reason"):
        assert letter.pop(unforeseeable)
    assert letter == {
        "status": "open",
        "version": 1,
        "consumer": "events.on_customer_created",
        "event_id": told["id"],
        "event_type": "customer.created",
        "event_version": 2,
        "subject": told["subject"],
    }


def test_open_letters_are_listed_newest_first(api: Api) -> None:
    told = [customer(api, code) | {"version": 2} for code in ("C1", "C2", "C3")]
    deliver(on_customer_created, map(body_of, told))
    listed = api.call("list_dead_letters").expect(200)["data"]
    assert [letter["event_id"] for letter in listed] == [event["id"] for event in reversed(told)]
    api.call("redrive_dead_letter", path={"id": listed[1]["id"]}).expect(200)
    left = api.call("list_dead_letters").expect(200)["data"]
    assert [letter["id"] for letter in left] == [listed[0]["id"], listed[2]["id"]]
    redriven = api.call("list_dead_letters", query={"status": "redriven"}).expect(200)["data"]
    assert [letter["id"] for letter in redriven] == [listed[1]["id"]]


def test_another_tenant_sees_none_of_them(api: Api, other: Api) -> None:
    deliver(on_customer_created, [body_of(customer(api, "C1") | {"version": 2})])
    assert other.call("list_dead_letters").expect(200)["data"] == []


def test_without_the_permission_nothing_is_listed(api: Api) -> None:
    answer = api.as_("clerk", "events.list_events").call("list_dead_letters").expect(403)
    assert answer["permission"] == "events.list_dead_letters"
