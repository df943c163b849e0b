"""Dunning charges and payments that are too high, with numbers of other systems' test suites.

Sources: Tryton, modules/account_dunning_fee/tests/scenario_account_dunning_fee.rst and
modules/account_invoice/tests/scenario_invoice_overpayment.rst; ERPNext, accounts/doctype/dunning/test_dunning.py.
"""

from decimal import Decimal
from typing import Any

import pytest

from tests.receivables.reminders import remind
from tests.support.integrity import sound
from tests.support.shop import Shop


def owed(shop: Shop, due: str, amount: str = "100.00", **fields: Any) -> Any:
    """An invoice of a service without tax, due at once on a day."""
    if not shop.api.rows("SELECT 1 FROM kernel.document WHERE type = 'product' AND number = 'FREE'"):
        shop.api.record("products", code="FREE", name="Free of tax", kind="service", unit="EA", tax_category="FREE")
        rule = {"code": "FREE", "name": "Free", "jurisdiction": "US-CA", "product_category": "FREE", "taxes": []}
        shop.api.record("tax-rules", reason="the case has no tax", replaces_wider=True, **rule)
    items = [{"product": "FREE", "quantity": 1, "unit_price": amount}]
    invoice = shop.invoice("CUST002", date=due, payment_terms="IMMEDIATE", items=items, **fields)
    assert invoice["total"] == amount
    return invoice


def balances(shop: Shop) -> dict[str, str]:
    rows = shop.api.call("get_trial_balance", query={"zero": "show"}).expect(200)["rows"]
    return {row["account"]["code"]: row["balance"] for row in rows}


def test_a_fee_then_a_share_of_what_is_overdue(shop: Shop) -> None:
    """Tryton: 10.00 after five days, 15 % of 100.00 after ten."""
    levels = [{"days": 5, "fees": [{"currency": "USD", "amount": "10.00"}]}, {"days": 10, "percent": 15}]
    shop.api.record("dunning-procedures", code="USUAL", name="Usual", levels=levels)
    owed(shop, "2026-11-01")
    (first,) = remind(shop, date="2026-11-06")["notices"]
    assert (first["fee"], first["total"], balances(shop)["1200"]) == ("10.00", "110.00", "110.00")
    (second,) = remind(shop, date="2026-11-11")["notices"]
    assert (second["fee"], second["total"], balances(shop)["1200"]) == ("15.00", "115.00", "125.00")
    assert balances(shop)["4200"] == "-25.00"
    sound(shop.api)


def test_a_fee_and_interest(shop: Shop) -> None:
    """ERPNext: 100.00 overdue for 15 days at 10 % a year is 0.41 of interest, beside a fee of 10.00."""
    level = {"days": 15, "fees": [{"currency": "USD", "amount": "10.00"}], "interest": 10}
    shop.api.record("dunning-procedures", code="USUAL", name="Usual", levels=[level])
    owed(shop, "2026-11-08")
    (made,) = remind(shop)["notices"]
    assert (made["fee"], made["interest"], made["total"]) == ("10.00", "0.41", "110.41")
    notice = shop.api.call("get_dunning_notice", path={"id": made["notice"]["id"]}).expect(200)
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in notice["posting"]["lines"]] == [
        ("1200", "10.41", "0.00"),
        ("4200", "0.00", "10.00"),
        ("4200", "0.00", "0.41"),
    ]
    assert shop.api.events("dunning.issued")[0]["data"]["interest"] == "0.41"
    sound(shop.api)


def test_neither_fee_nor_interest(shop: Shop) -> None:
    shop.api.record("dunning-procedures", code="USUAL", name="Usual", levels=[{"days": 20}])
    owed(shop, "2026-11-03")
    (made,) = remind(shop)["notices"]
    assert ("fee" in made, "interest" in made, made["total"]) == (False, False, "100.00")


def test_interest_of_a_foreign_invoice(shop: Shop) -> None:
    """The rate of the day is read though no fee is given in that currency."""
    shop.api.record("dunning-procedures", code="USUAL", name="Usual", levels=[{"days": 15, "interest": 10}])
    rates = [
        {"currency": "EUR", "base_currency": "USD", "date": day, "rate": rate}
        for day, rate in (("2026-11-08", "1.10"), ("2026-11-23", "2.00"))
    ]
    shop.api.call("set_exchange_rates", {"rates": rates}, headers={"Idempotency-Key": "rates"}).expect(201)
    owed(shop, "2026-11-08", currency="EUR")
    (made,) = remind(shop)["notices"]
    assert (made["currency"], made["interest"], made["total"]) == ("EUR", "0.41", "100.41")
    assert balances(shop)["4200"] == "-0.82"
    sound(shop.api)


def test_what_is_paid_too_much_is_kept(shop: Shop) -> None:
    """Tryton: 110.00 for an invoice of 100.00; ten are kept as income and the customer owes nothing."""
    invoice = owed(shop, "2026-11-23")
    kept = {"amount": "-10.00", "account": "6340", "reason": "not worth sending back"}
    payment = shop.pay("110.00", "CUST002", write_off=kept)
    assert (payment["unallocated"], payment["written_off"]) == ("0.00", "-10.00")
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in payment["posting"]["lines"]] == [
        ("1020", "110.00", "0.00"),
        ("6340", "0.00", "10.00"),
        ("1200", "0.00", "100.00"),
    ]
    assert shop.get(invoice)["status"] == "paid"
    assert Decimal(balances(shop)["1200"]) == 0
    sound(shop.api)


def test_what_is_paid_too_much_stays_the_customers(shop: Shop) -> None:
    """Tryton's other way: the customer is owed the ten."""
    invoice = owed(shop, "2026-11-23")
    assert shop.pay("110.00", "CUST002")["unallocated"] == "10.00"
    assert shop.get(invoice)["status"] == "paid"
    after = balances(shop)
    assert Decimal(after.get("1200", "0")) + Decimal(after["2300"]) == Decimal("-10.00")


@pytest.mark.parametrize(
    ("amount", "detail"),
    [
        ("0.00", "Some fields are not right; each is pointed at."),
        ("-110.00", "110.00 USD cannot be written off of a payment of 110.00 USD."),
        ("-5.00", "5.00 USD would still be left over. Write off 10.00, or nothing to keep an advance."),
        ("-20.00", "20.00 USD cannot be written off of a payment of 110.00 USD."),
    ],
)
def test_what_cannot_be_kept(shop: Shop, amount: str, detail: str) -> None:
    """Nothing, all of the payment, so little that some of it is left over, or more than was paid too much."""
    invoice = owed(shop, "2026-11-23")
    kept = {"amount": amount, "account": "6340", "reason": "no"}
    body = {"customer": "CUST002", "amount": "110.00", "write_off": kept}
    refused = shop.api.call("record_payment", body, headers={"Idempotency-Key": "kept"}).expect(422)
    assert refused["detail"] == detail
    assert shop.get(invoice)["amount_due"] == "100.00"
