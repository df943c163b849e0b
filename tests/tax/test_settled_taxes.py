"""What settlements other than plain payments do to taxes: discounts for early payment, debts set off, debit notes."""

from typing import Any

import pytest

from tests.receivables.owed import both_sides, set_off
from tests.receivables.test_early_payment import early
from tests.receivables.test_void_payment import void as void_payment
from tests.support.integrity import sound
from tests.support.purchases import posted
from tests.support.shop import Shop
from tests.tax.returns import boxes, prepare

RATES = [{"rate": "0.1", "valid_from": "2020-01-01"}]


def returned(shop: Shop) -> Any:
    """The tax return of November, tied to the tax accounts."""
    answer = prepare(shop, starts_on="2026-11-01", ends_on="2026-11-30")
    assert [one["difference"] for one in answer["accounts"] if one["difference"] != "0.00"] == []
    return answer


@pytest.fixture
def cash(shop: Shop) -> Shop:
    """Britain has a tax of 10 % that is due at payment, on sales and on purchases."""
    common = {"jurisdiction": "GB", "rates": RATES, "account": "2200", "purchase_account": "1250", "due": "payment"}
    shop.api.record("taxes", code="CASH", name="VAT on payment", transition_account="2205", **common)
    shop.api.record("taxes", code="INPUT", name="VAT on payment", transition_account="1255", **common)
    shop.api.record("tax-rules", code="GB", name="Britain", jurisdiction="GB", taxes=["CASH"])
    return shop


def pending(shop: Shop) -> dict[str, str]:
    """What stands on the transition accounts and on those of the taxes."""
    balances = shop.trial_balance()
    return {code: balances[code] for code in ("2205", "2200", "1255", "1250") if code in balances}


def test_a_discount_lowers_what_was_owed(shop: Shop) -> None:
    """Directive 2006/112/EC art. 90: the taxable amount is reduced after the supply."""
    early(shop)
    payment = shop.pay("1261.26", date="2026-11-25")
    answer = returned(shop)
    assert [(one["tax"], one["kind"], one["base"], one["output"]) for one in answer["taxes"]] == [
        ("CITY", "sale", "1200.00", "15.00"),
        ("CITY", "sale_credit", "-24.00", "-0.30"),
        ("STATE", "sale", "1200.00", "72.00"),
        ("STATE", "sale_credit", "-24.00", "-1.44"),
    ]
    assert answer["payable"] == "85.26"
    void_payment(shop, payment)
    assert returned(shop)["payable"] == "87.00"
    sound(shop.api)


def test_a_discount_lowers_what_becomes_due_at_payment(cash: Shop) -> None:
    items = [{"product": "PROD001", "quantity": 10, "unit_price": "100.00"}]
    early(cash, ship_to="GB", items=items)
    assert pending(cash) == {"2205": "-100.00"}
    payment = cash.pay("1078.00", date="2026-11-25")
    assert posted(payment) == [
        ("1020", "1078.00", "0.00"),
        ("1200", "0.00", "1100.00"),
        ("4085", "20.00", "0.00"),
        ("2205", "2.00", "0.00"),
        ("2205", "98.00", "0.00"),
        ("2200", "0.00", "98.00"),
    ]
    answer = returned(cash)
    assert (boxes(answer)["OUTPUT_BASE"], boxes(answer)["OUTPUT_TAX"]) == ("980.00", "98.00")
    void_payment(cash, payment)
    assert (pending(cash), returned(cash)["payable"]) == ({"2205": "-100.00"}, "0.00")
    sound(cash.api)


def test_debts_that_are_set_off_count_as_paid_on_both_sides(cash: Shop) -> None:
    """Cash accounting asks for the payment, on the one side and on the other (art. 66(b) and 167a)."""
    both_sides(cash)
    cash.invoice("CUST002", ship_to="GB", items=[{"product": "PROD001", "quantity": 10, "unit_price": "100.00"}])
    bill = {"account": "6150", "unit_price": "500.00", "taxes": ["INPUT"]}
    cash.api.call("create_bill", {"supplier": "SUPP001", "supplier_number": "1", "items": [bill]}).expect(201)
    assert pending(cash) == {"2205": "-100.00", "1255": "50.00"}
    made = set_off(cash)
    assert made["amount"] == "550.00"
    assert "bill.paid" in made["events"]
    assert pending(cash) == {"2205": "-50.00", "2200": "-50.00", "1250": "50.00"}
    answer = returned(cash)
    assert (boxes(answer)["OUTPUT_TAX"], boxes(answer)["INPUT_TAX"], answer["payable"]) == ("50.00", "50.00", "0.00")
    sound(cash.api)
    keyed = {"Idempotency-Key": "void"}
    body = {"reason": "Not agreed"}
    cash.api.call("void_contra_settlement", body, path={"id": made["id"]}, headers=keyed).expect(200)
    assert (pending(cash), returned(cash)["input"]) == ({"2205": "-100.00", "1255": "50.00"}, "0.00")
    sound(cash.api)


def test_a_debit_note_that_is_void_owes_nothing(shop: Shop) -> None:
    items = [{"product": "PROD001", "quantity": 1}]
    body = {"customer": "CUST001", "reason": "Freight", "items": items}
    note = shop.api.call("create_debit_note", body).expect(201).json
    assert returned(shop)["payable"] == "8.70"
    shop.api.call("void_debit_note", {"reason": "x"}, path={"id": note["id"]}).expect(200)
    assert returned(shop)["payable"] == "0.00"
    sound(shop.api)
