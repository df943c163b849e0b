"""The clock tells of what is overdue in every tenant, once."""

from functions.receivables.mark_overdue_items import mark_overdue_items
from tests.inventory.later import later
from tests.support.shop import Shop

DAY = 86_400


def test_the_clock_tells_of_each_item_once_and_acts_by_itself(shop: Shop) -> None:
    invoice = shop.invoice("CUST002", date="2026-11-10")
    later(30 * DAY)
    swept = mark_overdue_items({}, None)
    assert swept["failed"] == 0
    (event,) = shop.api.events("invoice.overdue")
    assert (event["data"]["number"], event["actorid"]) == (invoice["number"], "scheduler")
    assert event["operation"] == "receivables.mark_overdue_items"
    again = mark_overdue_items({}, None)
    assert again["failed"] == 0
    assert len(shop.api.events("invoice.overdue")) == 1
