"""A customer at a glance."""

import pytest

from tests.receivables.notes import credit
from tests.receivables.test_foreign_invoices import euros, set_rate
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    paid = shop.invoice("CUST002", date="2026-11-01")
    shop.pay("1200.00", "CUST002", date="2026-11-11", allocations=[{"invoice": paid["number"]}])
    last = shop.invoice("CUST002", date="2026-11-12")
    answer = example(path={"id": "CUST002"})
    assert answer.status == 200
    assert (answer["invoices"], answer["invoiced"], answer["average_days_to_pay"]) == (2, "2400.00", 10)
    assert answer["balances"] == [
        {"currency": "USD", "owed": "1200.00", "overdue": "1200.00", "in_favour": "0.00"},
    ]
    assert (answer["last_invoice"]["document"]["code"], answer["last_payment"]["amount"]) == (
        last["number"],
        "1200.00",
    )


def test_foreign_figures_come_together_in_base_currency(shop: Shop) -> None:
    set_rate(shop, "1.10", "2026-11-01")
    euros(shop)
    credit(shop, shop.invoice("CUST002"), lines=[{"line": 1, "quantity": 1}])
    answer = shop.api.call("get_customer_summary", path={"id": "CUST002"}).expect(200)
    assert (answer["invoiced"], answer["credited"], answer["credit"]["exposure"]) == ("1640.00", "120.00", "1520.00")
    assert [(one["currency"], one["owed"]) for one in answer["balances"]] == [("EUR", "400.00"), ("USD", "1080.00")]


def test_one_who_never_bought(shop: Shop) -> None:
    answer = shop.api.call("get_customer_summary", path={"id": "CUST002"}).expect(200).json
    assert (answer["invoices"], answer["invoiced"], answer["balances"]) == (0, "0.00", [])
    assert "last_invoice" not in answer
    shop.api.call("get_customer_summary", path={"id": "NOBODY"}).expect(404)
