"""Taxes due at payment: pending on a transition account, due in proportion to each settlement, taken back with it."""

from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.receivables.test_foreign_invoices import set_rate
from tests.support.integrity import sound
from tests.support.shop import Shop
from tests.support.statements import counted
from tests.tax.returns import boxes, lines, prepare

LAMPS = [{"product": "PROD001", "quantity": 10, "unit_price": "100.00"}]


@pytest.fixture
def cash(shop: Shop) -> Shop:
    """A shop in a place with a tax of 10 % that is due at payment."""
    record = shop.api.record
    record("taxes", code="CASH", name="VAT on payment", jurisdiction="GB", account="2200", due="payment",
           transition_account="2205", rates=[{"rate": "0.1", "valid_from": "2020-01-01"}])  # fmt: skip
    record("tax-rules", code="GB", name="Britain", jurisdiction="GB", taxes=["CASH"])
    record("customers", code="LEEDS", name="Aire Lighting", jurisdiction="GB")
    return shop


def sell(shop: Shop, **fields: Any) -> Any:
    """Invoice 1000.00 and 100.00 of tax, in October."""
    return shop.invoice("LEEDS", **{"date": "2026-10-10", "items": LAMPS} | fields)


def pending(shop: Shop) -> tuple[str, str]:
    """What stands on the transition account and on the account of the tax; credit balances are below zero."""
    balances = shop.trial_balance()
    return balances.get("2205", "0"), balances.get("2200", "0")


def test_it_is_due_as_the_invoice_is_paid_and_the_last_part_takes_what_is_left(cash: Shop) -> None:
    """Odoo's taxes on payment: each partial reconciliation makes its share due, the last the rest."""
    sell(cash)
    assert pending(cash) == ("-100.00", "0")
    first = cash.pay("366.67", "LEEDS", date="2026-10-20")
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in first["posting"]["lines"]] == [
        ("1020", "366.67", "0.00"),
        ("1200", "0.00", "366.67"),
        ("2205", "33.33", "0.00"),
        ("2200", "0.00", "33.33"),
    ]
    assert pending(cash) == ("-66.67", "-33.33")
    cash.pay("366.67", "LEEDS", date="2026-11-05")
    assert pending(cash) == ("-33.33", "-66.67")
    cash.pay("366.66", "LEEDS", date="2026-11-06")
    assert pending(cash) == ("0", "-100.00")
    sound(cash.api)


def test_the_return_tells_of_it_when_it_is_paid(cash: Shop) -> None:
    sell(cash)
    payment = cash.pay("550.00", "LEEDS", date="2026-11-05")
    october = prepare(cash)
    november = prepare(cash, starts_on="2026-11-01", ends_on="2026-11-30")
    assert (october["payable"], november["payable"]) == ("0.00", "50.00")
    assert boxes(november)["OUTPUT_BASE"] == "500.00"
    (line,) = lines(cash, november, "OUTPUT_TAX")["data"]
    assert (line["document"]["code"], line["type"], line["amount"]) == (payment["number"], "payment", "50.00")
    assert [one["difference"] for one in november["accounts"]] == ["0.00"]


def test_a_payment_that_is_void_takes_it_back(cash: Shop) -> None:
    sell(cash)
    payment = cash.pay("550.00", "LEEDS", date="2026-10-20")
    keyed = {"Idempotency-Key": "void"}
    cash.api.call("void_payment", {"reason": "Bounced"}, path={"id": payment["id"]}, headers=keyed).expect(200)
    assert pending(cash) == ("-100.00", "0")
    assert prepare(cash)["payable"] == "0.00"
    cash.pay("1100.00", "LEEDS", date="2026-10-21")
    assert (pending(cash), prepare(cash)["payable"]) == (("0", "-100.00"), "100.00")
    sound(cash.api)


def test_an_advance_is_no_payment_until_it_is_allocated_and_after_that_is_taken_back(cash: Shop) -> None:
    advance = cash.pay("440.00", "LEEDS", allocations=[], date="2026-10-12")
    invoice = sell(cash)
    assert pending(cash) == ("-100.00", "0")
    body = {
        "customer": "LEEDS",
        "sources": [{"document": advance["id"]}],
        "invoices": [{"invoice": invoice["id"]}],
        "date": "2026-10-15",
    }
    made = cash.api.call("create_allocation", body, headers={"Idempotency-Key": "one"}).expect(201).json
    assert pending(cash) == ("-60.00", "-40.00")
    sound(cash.api)
    cash.api.call("delete_allocation", path={"id": made["id"]}).expect(200)
    assert (pending(cash), prepare(cash)["payable"]) == (("-100.00", "0"), "0.00")
    sound(cash.api)


def test_a_credit_takes_off_what_is_not_due_and_the_rest_is_due_when_it_is_used(cash: Shop) -> None:
    invoice = sell(cash)
    cash.pay("660.00", "LEEDS", date="2026-10-12")
    path = {"id": invoice["id"]}
    half = {"reason": "Returned", "date": "2026-10-15", "lines": [{"line": 1, "quantity": 6}]}
    note = cash.api.call("credit_invoice", half, path=path).expect(201).json
    assert (note["amount_left"], pending(cash)) == ("220.00", ("20.00", "-60.00"))
    refund = {"amount": "110.00", "date": "2026-10-20"}
    keyed = {"Idempotency-Key": "refund"}
    cash.api.call("refund_credit_note", refund, path={"id": note["id"]}, headers=keyed).expect(201)
    assert pending(cash) == ("10.00", "-50.00")
    cash.api.call("refund_credit_note", refund, path={"id": note["id"]}, headers={"Idempotency-Key": "rest"}).expect(
        201
    )
    assert (pending(cash), prepare(cash)["payable"]) == (("0", "-40.00"), "40.00")
    sound(cash.api)


def test_a_credit_that_is_void_makes_it_pending_again(cash: Shop) -> None:
    invoice = sell(cash)
    whole = {"reason": "Returned", "date": "2026-10-15"}
    note = cash.api.call("credit_invoice", whole, path={"id": invoice["id"]}).expect(201).json
    assert pending(cash) == ("0", "0")
    cash.api.call("void_credit_note", {"reason": "x"}, path={"id": note["id"]}).expect(200)
    assert pending(cash) == ("-100.00", "0")
    cash.pay("1100.00", "LEEDS")
    assert pending(cash) == ("0", "-100.00")
    sound(cash.api)


def test_an_invoice_that_is_void_leaves_nothing_pending(cash: Shop) -> None:
    invoice = sell(cash)
    cash.api.call("void_invoice", {"reason": "x"}, path={"id": invoice["id"]}).expect(200)
    assert pending(cash) == ("0", "0")
    (row,) = cash.api.rows("SELECT sum(amount)::text AS amount FROM tax.pending_tax")
    assert Decimal(row.amount) == 0


def test_in_a_foreign_currency_it_stands_at_the_rate_of_the_invoice(cash: Shop) -> None:
    """Exchange differences stay out of tax, and nothing is left on the transition account."""
    set_rate(cash, "1.20", "2026-10-01")
    set_rate(cash, "1.50", "2026-10-20")
    sell(cash, currency="EUR")
    assert pending(cash) == ("-120.00", "0")
    cash.pay("333.33", "LEEDS", currency="EUR", date="2026-10-20")
    assert pending(cash) == ("-83.64", "-36.36")
    cash.pay("766.67", "LEEDS", currency="EUR", date="2026-10-25")
    assert pending(cash) == ("0", "-120.00")
    assert boxes(prepare(cash))["OUTPUT_BASE"] == "1200.00"
    sound(cash.api)


def test_a_write_off_counts_as_payment(cash: Shop) -> None:
    invoice = sell(cash)
    body = {"customer": "LEEDS", "invoices": [{"invoice": invoice["id"]}], "reason": "Bankrupt", "date": "2026-10-30"}
    cash.api.call("create_write_off", body, headers={"Idempotency-Key": "w"}).expect(201)
    assert pending(cash) == ("0", "-100.00")
    sound(cash.api)


def test_other_taxes_are_due_at_once_and_cost_no_statement(cash: Shop) -> None:
    cash.invoice()
    assert pending(cash) == ("0", "-87.00")
    sell(cash)
    _, statements = counted(lambda: cash.pay("100.00", "LEEDS"))
    assert len(statements) <= 5


def test_the_database_lets_no_more_become_due_than_is_pending(cash: Shop, owner_url: str) -> None:
    sell(cash)
    with psycopg.connect(owner_url) as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, false)", (str(cash.api.tenant_id),))
        for amount in ("-100.01", "0.01"):
            with pytest.raises(psycopg.errors.CheckViolation, match="pending_tax_within"), connection.transaction():
                connection.execute(
                    "INSERT INTO tax.pending_tax SELECT tenant_id, origin_id, tax, company_id, 1, company_id, kind,"
                    " effective_date, 0, %s::numeric, transition_account_id, account_id FROM tax.pending_tax",
                    (amount,),
                )
