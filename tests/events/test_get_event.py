"""One event, as it was published."""

from typing import Any

import pytest

from tests.events.bus import customer
from tests.support.api import Api


@pytest.mark.example
def test_example(example: Any, api: Api) -> None:
    told = customer(api, "CUST100", "Harbour Cafe")
    answer = example(path={"id": told["id"]})
    assert answer.expect(200)["subject"] == told["subject"]


def test_an_event_is_read_with_its_envelope_and_data(api: Api) -> None:
    customer(api, "C1")
    (stored,) = api.events("customer.created")
    answer = api.call("get_event", path={"id": stored["id"]}).expect(200)
    assert answer.json == {name: value for name, value in stored.items() if value is not None}


def test_another_tenants_event_is_not_found(api: Api, other: Api) -> None:
    told = customer(api, "C1")
    for id in (told["id"], "nonsense"):
        answer = other.call("get_event", path={"id": id}).expect(404)
        assert answer["detail"] == f"There is no event {id}."


def test_without_the_permission_nothing_is_read(api: Api) -> None:
    told = customer(api, "C1")
    answer = api.as_("clerk", "records.*").call("get_event", path={"id": told["id"]}).expect(403)
    assert answer["permission"] == "events.get_event"
