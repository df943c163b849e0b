"""Sales by product are in base currency, whatever an invoice is in."""

from tests.receivables.test_foreign_invoices import euros, set_rate
from tests.support.events import deliver
from tests.support.reports import sales
from tests.support.shop import Shop


def test_a_foreign_invoice_counts_at_its_rate_and_is_taken_off_at_it(shop: Shop) -> None:
    set_rate(shop, "1.20")
    invoice = euros(shop)
    deliver(shop.api)
    assert sales(shop) == [("PROD001", "5", "480.00")]
    set_rate(shop, "1.50", "2026-11-02")
    shop.api.call("void_invoice", {"reason": "x"}, path={"id": invoice["id"]}).expect(200)
    deliver(shop.api)
    assert sales(shop) == []
