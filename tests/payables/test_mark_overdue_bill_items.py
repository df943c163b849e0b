"""The clock marks which bills are overdue, in every tenant."""

from functions.payables.mark_overdue_bill_items import mark_overdue_bill_items
from tests.payables.test_mark_overdue_bills import OLD, told
from tests.support.purchases import Purchases


def test_the_clock_marks_every_tenant(buyer: Purchases) -> None:
    buyer.bill(**OLD)
    mark_overdue_bill_items({}, None)
    (event,) = buyer.api.events("bill.overdue")
    assert (event["actorid"], event["operation"]) == ("scheduler", "payables.mark_overdue_bill_items")
    mark_overdue_bill_items.run()
    assert told(buyer.api) == [("OLD-1", 14, "1000.00")]
