"""The clock makes the invoices that are due, one in a transaction."""

from functions.receivables.make_recurring_invoices import make_recurring_invoices
from tests.receivables.reminders import schedule
from tests.support.shop import Shop


def test_the_clock_makes_what_is_due_in_every_tenant(shop: Shop) -> None:
    schedule(shop, starts_on="2026-09-30")
    make_recurring_invoices({}, None)
    assert len(shop.api.events("invoice.created")) == 2
    make_recurring_invoices.run()
    assert len(shop.api.events("invoice.created")) == 2


def test_one_that_cannot_be_made_keeps_no_other_waiting(shop: Shop) -> None:
    schedule(shop, code="A", currency="EUR", items=[{"product": "SERV001", "quantity": 1, "unit_price": "7.00"}])
    schedule(shop, code="B")
    make_recurring_invoices.run()
    (event,) = shop.api.events("invoice.created")
    assert (event["data"]["currency"], event["operation"]) == ("USD", "receivables.make_recurring_invoices")
