"""Sending the letters of a run."""

import pytest

from tests.receivables.reminders import overdue, procedure, remind
from tests.support.integrity import sound
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    procedure(shop)
    overdue(shop, "2026-11-10")
    run = remind(shop)
    answer = example(path={"id": run["id"]}, body={"method": "email"})
    assert answer.status == 200
    assert (answer["status"], answer["sent_by"], answer["version"]) == ("sent", "email", 2)


def test_each_letter_is_told_once(shop: Shop) -> None:
    procedure(shop)
    overdue(shop, "2026-11-10")
    overdue(shop, "2026-11-10", "CUST001")
    run = remind(shop)
    path = {"id": run["id"]}
    sent = shop.api.call("send_dunning_run", {}, path=path).expect(200)
    assert sent["events"] == ["dunning.sent", "dunning.sent", "dunning_run.sent"]
    told = shop.api.events("dunning.sent")
    assert sorted(event["data"]["total"] for event in told) == ["75.00", "80.44"]
    listed = shop.api.call("list_dunning_notices", query={"status": "sent"}).expect(200)["data"]
    assert len(listed) == 2
    before = shop.api.counts()
    assert shop.api.call("send_dunning_run", {}, path=path).expect(409)["code"] == "conflict"
    assert shop.api.counts() == before
    sound(shop.api)
