"""Draft credit notes in the sales by product: taken off when they are posted."""

from tests.receivables.notes import credit_note
from tests.support.events import deliver
from tests.support.reports import sales
from tests.support.shop import Shop


def test_a_draft_is_taken_off_once_it_is_posted(shop: Shop) -> None:
    items = [{"product": "PROD001", "quantity": 2, "unit_price": "120.00"}]
    shop.invoice()
    draft = credit_note(shop, items=items, draft=True)
    deliver(shop.api)
    assert sales(shop) == [("PROD001", "10", "1200.00")]
    shop.api.call("issue_credit_note", path={"id": draft["id"]}).expect(200)
    deliver(shop.api, times=2)
    assert sales(shop) == [("PROD001", "8", "960.00")]
