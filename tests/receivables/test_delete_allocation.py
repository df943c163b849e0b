"""Taking an allocation back: contrary rows, and everything stands as before it."""

from typing import Any

import pytest

from tests.receivables.notes import credit_note
from tests.receivables.test_create_allocation import allocate
from tests.receivables.test_foreign_invoices import euros, set_rate
from tests.receivables.test_foreign_payments import close_november
from tests.support.shop import Shop


def take_back(shop: Shop, allocation: Any, status: int = 200) -> Any:
    return shop.api.call("delete_allocation", path={"id": allocation["id"]}).expect(status).json


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    invoice, advance = shop.invoice(), shop.pay("500.00", allocations=[])
    allocation = allocate(shop, [credit_note(shop, "CUST001"), advance], [invoice])
    answer = example(path={"id": allocation["id"]})
    assert answer.status == 200
    assert (answer["status"], answer["taken_back_on"]) == ("taken_back", "2026-11-23")


def test_everything_stands_as_before_and_can_be_allocated_again(shop: Shop) -> None:
    """Taking back is rows and an event, not an edit."""
    invoice, advance = shop.invoice(), shop.pay("500.00", allocations=[])
    note = credit_note(shop, "CUST001")
    before = shop.trial_balance()
    allocation = allocate(shop, [note, advance], [invoice])
    assert shop.get(invoice)["amount_due"] == "706.56"
    answer = take_back(shop, allocation)
    assert answer["events"][-3:] == ["invoice.reopened", "credit_note.reopened", "payment.unmatched"]
    assert shop.trial_balance() == before
    after = shop.get(invoice)
    assert (after["status"], after["amount_due"]) == ("issued", "1287.00")
    read = shop.api.call("get_credit_note", path={"id": note["id"]}).expect(200)
    assert (read["status"], read["amount_left"]) == ("issued", "80.44")
    assert allocate(shop, [note, advance], [invoice])["amount"] == "580.44"
    assert shop.invoice()["credit"]["exposure"] == "1993.56"


def test_a_foreign_one_takes_its_difference_back(shop: Shop) -> None:
    set_rate(shop, "1.10", "2026-11-01")
    set_rate(shop, "1.20", "2026-11-20")
    advance = shop.pay("300.00", "CUST002", currency="EUR", allocations=[], date="2026-11-19")
    invoice = euros(shop, date="2026-11-20")
    before = shop.trial_balance()
    take_back(shop, allocate(shop, [advance], [invoice], customer="CUST002"))
    after = shop.trial_balance()
    assert {code: balance for code, balance in after.items() if balance != "0.00"} == before


def test_where_its_day_is_closed_the_first_open_one_is_taken(shop: Shop) -> None:
    """The reversal is dated on a day that takes postings."""
    invoice, advance = shop.invoice(), shop.pay("500.00", allocations=[])
    allocation = allocate(shop, [advance], [invoice])
    close_november(shop, "sales")
    assert take_back(shop, allocation)["taken_back_on"] == "2026-12-01"


def test_it_is_taken_back_once(shop: Shop) -> None:
    invoice, advance = shop.invoice(), shop.pay("500.00", allocations=[])
    allocation = allocate(shop, [advance], [invoice])
    take_back(shop, allocation)
    before = shop.api.counts()
    assert take_back(shop, allocation, 409)["code"] == "conflict"
    assert shop.api.counts() == before
