"""Voided credit notes and the sales by product: what they took off is added again, on the day of the reversal."""

from tests.receivables.notes import credit, credit_note, void
from tests.support.events import deliver
from tests.support.integrity import sound
from tests.support.reports import sales
from tests.support.shop import Shop


def test_what_was_taken_off_is_added_again(shop: Shop) -> None:
    invoice = shop.invoice(date="2026-11-10")
    note = credit(shop, invoice, lines=[{"line": 1, "quantity": 4}], date="2026-11-12")
    void(shop, note, date="2026-11-20")
    deliver(shop.api, times=2)
    expected = {"2026-11-11": ("10", "1200.00"), "2026-11-19": ("6", "720.00"), "2026-11-20": ("10", "1200.00")}
    assert {day: sales(shop, day)[0][1:] for day in expected} == expected
    sound(shop.api)


def test_a_draft_had_taken_nothing_off(shop: Shop) -> None:
    shop.invoice()
    void(shop, credit_note(shop, draft=True))
    deliver(shop.api)
    assert sales(shop) == [("PROD001", "10", "1200.00")]
