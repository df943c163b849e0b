"""After every kind of settlement the books hold: control accounts, open items, credit and documents agree."""

from tests.receivables.notes import credit, credit_note, void
from tests.receivables.test_create_allocation import allocate
from tests.receivables.test_delete_allocation import take_back
from tests.receivables.test_foreign_invoices import euros, set_rate
from tests.receivables.test_refund_credit_note import refund
from tests.receivables.test_void_payment import void as void_payment
from tests.support.integrity import sound
from tests.support.shop import Shop


def test_no_check_finds_anything(shop: Shop) -> None:
    """What is outstanding, also in base currency, is what the rows say."""
    set_rate(shop, "1.10", "2026-11-01")
    set_rate(shop, "1.20", "2026-11-20")
    set_rate(shop, "1.15", "2026-11-22")
    dollars, more = shop.invoice(), shop.invoice()
    foreign, other = euros(shop, date="2026-11-20"), euros(shop, date="2026-11-21")
    shop.pay("133.33", "CUST002", currency="EUR", allocations=[{"invoice": foreign["number"]}])
    bounced = shop.pay("99.99", "CUST002", currency="EUR", allocations=[{"invoice": foreign["number"]}])
    void_payment(shop, bounced)
    credit(shop, foreign, lines=[{"line": 1, "quantity": 3}])
    advance = shop.pay("77.77", "CUST002", currency="EUR", allocations=[])
    kept = allocate(shop, [(advance, "11.11")], [other], customer="CUST002")
    take_back(shop, allocate(shop, [advance], [other], customer="CUST002"))
    assert kept["amount"] == "11.11"
    refund(shop, credit_note(shop), amount="25.00")
    credit(shop, more, lines=[{"line": 1, "quantity": 3}])
    void(shop, credit(shop, dollars))
    shop.pay("1287.00", allocations=[{"invoice": dollars["number"]}])
    sound(shop.api)
