"""The clock marks what is overdue, in every tenant."""

from functions.receivables.mark_overdue_items import mark_overdue_items
from tests.receivables.test_mark_overdue import told
from tests.support.shop import Shop


def test_the_clock_marks_every_tenant(shop: Shop) -> None:
    shop.invoice("CUST002", date="2026-11-10")
    mark_overdue_items({}, None)
    assert len(told(shop.api)) == 1
    (event,) = shop.api.events("invoice.overdue")
    assert (event["actorid"], event["operation"]) == ("scheduler", "receivables.mark_overdue_items")
    mark_overdue_items.run()
    assert len(told(shop.api)) == 1
