"""New invoices in the sales by product: those issued at once, each once however often its event comes."""

import pytest

from tests.support.api import Api
from tests.support.events import deliver, hand_over, message, subscribers
from tests.support.reports import sales
from tests.support.shop import Shop

SUBSCRIBER = "reporting.on_invoice_created"


@pytest.mark.parametrize("times", [1, 3])
def test_an_issued_invoice_counts_once_however_often_it_is_delivered(shop: Shop, times: int) -> None:
    shop.invoice(items=[{"product": "PROD001", "quantity": 10, "discount_percent": "5"}])
    assert sales(shop) == []
    deliver(shop.api, times=times)
    assert sales(shop) == [("PROD001", "10", "1140.00")]


def test_every_line_counts_also_of_one_product(shop: Shop) -> None:
    line = {"product": "SERV001", "quantity": "1"}
    shop.invoice(items=[line, {"product": "PROD002", "quantity": 1}, line, line])
    deliver(shop.api)
    assert sales(shop) == [("PROD002", "1", "450.00"), ("SERV001", "3", "225.00")]


def test_drafts_and_waiting_invoices_do_not_count_yet(shop: Shop) -> None:
    shop.api.record("approval-rules", code="BIG", name="Above 10,000", condition="document.total > 10000")
    shop.invoice(draft=True)
    assert shop.invoice(items=[{"product": "PROD001", "quantity": 90}])["status"] == "pending_approval"
    deliver(shop.api)
    assert sales(shop) == []


def test_what_is_given_away_counts_as_well(shop: Shop) -> None:
    """An invoice of nothing is paid at once, and never only issued."""
    given = shop.invoice(items=[{"product": "PROD001", "quantity": 2, "unit_price": "0.00"}])
    shop.invoice(items=[{"product": "PROD001", "quantity": 1}])
    deliver(shop.api)
    assert sales(shop) == [("PROD001", "3", "120.00")]
    shop.api.call("void_invoice", {"reason": "x"}, path={"id": given["id"]}).expect(200)
    deliver(shop.api)
    assert sales(shop) == [("PROD001", "1", "120.00")]


def test_a_batch_that_comes_again_in_part_counts_once(shop: Shop) -> None:
    """The queue may bring the same message in another batch, beside new ones."""
    for quantity in (1, 2, 3):
        shop.invoice(items=[{"product": "SERV001", "quantity": quantity}])
    first, second, third = [message(event) for event in shop.api.events("invoice.created")]
    (subscriber,) = [found for found in subscribers() if found.consumer == SUBSCRIBER]
    assert hand_over(subscriber, [first, second]) == 1
    assert hand_over(subscriber, [second, third, second]) == 1
    deliver(shop.api)
    assert sales(shop) == [("SERV001", "6", "450.00")]


def test_the_order_of_events_does_not_matter(shop: Shop) -> None:
    invoice = shop.invoice()
    shop.invoice("CUST002")
    shop.api.call("void_invoice", {"reason": "x"}, path={"id": invoice["id"]}).expect(200)
    deliver(shop.api, reverse=True, times=2)
    assert sales(shop) == [("PROD001", "10", "1200.00")]


def test_an_event_of_an_unknown_version_is_put_aside_with_the_reason(shop: Shop) -> None:
    shop.invoice()
    (event,) = shop.api.events("invoice.created")
    (subscriber,) = [found for found in subscribers() if found.consumer == SUBSCRIBER]
    assert hand_over(subscriber, [message(event | {"version": 2})]) == 1
    (letter,) = shop.api.rows("SELECT status, data FROM kernel.document WHERE type = 'dead_letter'")
    assert letter.status == "open"
    assert (letter.data["consumer"], letter.data["event_id"]) == (SUBSCRIBER, event["id"])
    assert "reads invoice.created version 1, not invoice.created version 2" in letter.data["reason"]
    assert sales(shop) == []


def test_other_tenants_sales_stay_theirs(shop: Shop, operator: Api) -> None:
    other = operator.call("create_tenant", {"name": "B", "company": {"currency": "USD", "jurisdiction": "US"}})
    theirs = Shop(Api(other.expect(201)["id"]))
    theirs.invoice()
    shop.invoice(items=[{"product": "SERV001", "quantity": 1}])
    deliver(shop.api)
    assert (sales(shop), sales(theirs)) == ([("SERV001", "1", "75.00")], [])
    deliver(theirs.api)
    assert sales(theirs) == [("PROD001", "10", "1200.00")]
