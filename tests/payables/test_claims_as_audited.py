"""Expense claims with several taxes, in another currency, and with an advance to the employee taken off."""

from typing import Any

import pytest

from tests.payables.claims import CLAIM
from tests.support.purchases import Purchases

ITEMS = [
    {"date": "2026-11-18", "description": "Train", "amount": "60.00", "account": "6180", "tax": "VAT20"},
    {"date": "2026-11-18", "description": "Fuel", "amount": "120.00", "account": "6180", "tax": "CAR"},
    {"date": "2026-11-19", "description": "Meal", "amount": "25.50", "account": "6180"},
]


@pytest.fixture
def jane(buyer: Purchases) -> Purchases:
    buyer.api.record("suppliers", code="JANE", name="Jane Doe", jurisdiction="US")
    return buyer


def approved(buyer: Purchases, **fields: Any) -> Any:
    made = buyer.make("create_expense_claim", **CLAIM | fields)
    buyer.act("submit_expense_claim", made)
    boss = Purchases.__new__(Purchases)
    boss.api = buyer.api.as_("boss", "payables.*")
    boss.act("approve_expense_claim", made)
    return made


def claim(buyer: Purchases, made: Any) -> Any:
    return buyer.api.call("get_expense_claim", path={"id": made["id"]}).expect(200).json


def test_each_item_has_its_own_tax(jane: Purchases) -> None:
    """Of the tax in the fuel, 20.00, a half is claimed back and the other half costs."""
    made = approved(jane, items=ITEMS)
    assert (made["subtotal"], made["tax_total"], made["total"]) == ("175.50", "30.00", "205.50")
    assert jane.trial_balance() == {"6180": "185.50", "1250": "20.00", "2140": "-205.50"}


def test_an_advance_to_the_employee_is_taken_off(jane: Purchases) -> None:
    advance = jane.make("record_supplier_payment", supplier="JANE", amount="150.00", allocations=[])
    made = approved(jane, items=ITEMS)
    sides = {"sources": [{"document": advance["id"]}], "bills": [{"document": made["id"]}]}
    jane.make("create_supplier_allocation", supplier="JANE", **sides)
    assert (claim(jane, made)["status"], claim(jane, made)["amount_due"]) == ("partially_reimbursed", "55.50")
    assert claim(jane, made)["events"][-1] == "expense.reimbursed"
    paid = jane.act("reimburse_expense_claim", made, 201)
    assert paid["amount"] == "55.50"
    assert claim(jane, made)["status"] == "reimbursed"
    assert jane.trial_balance() == {"6180": "185.50", "1250": "20.00", "1020": "-205.50"}


def test_what_is_left_of_an_advance_stays_one(jane: Purchases) -> None:
    advance = jane.make("record_supplier_payment", supplier="JANE", amount="300.00", allocations=[])
    made = approved(jane, items=ITEMS)
    sides = {"sources": [{"document": advance["id"]}], "bills": [{"document": made["id"]}]}
    taken = jane.make("create_supplier_allocation", supplier="JANE", **sides)
    key = {"Idempotency-Key": "back"}
    jane.api.call("delete_supplier_allocation", path={"id": taken["id"]}, headers=key).expect(200)
    assert (claim(jane, made)["status"], claim(jane, made)["amount_due"]) == ("approved", "205.50")
    jane.make("create_supplier_allocation", supplier="JANE", **sides)
    assert claim(jane, made)["status"] == "reimbursed"
    assert jane.trial_balance() == {"6180": "185.50", "1250": "20.00", "1230": "94.50", "1020": "-300.00"}


def test_a_claim_in_another_currency(jane: Purchases) -> None:
    """110.00 for 100 at the rate of the claim; paid at 1.20, which makes a loss of 10.00."""
    jane.rate("EUR", "2026-11-01", "1.10")
    jane.rate("EUR", "2026-11-23", "1.20")
    items = [{"date": "2026-11-18", "description": "Hotel", "amount": "100.00", "account": "6180", "tax": "VAT20"}]
    made = approved(jane, items=items, currency="EUR")
    assert jane.trial_balance() == {"6180": "91.66", "1250": "18.34", "2140": "-110.00"}
    paid = jane.act("reimburse_expense_claim", made, 201)
    assert (paid["currency"], paid["amount"], paid["base"]["exchange_difference"]) == ("EUR", "100.00", "-10.00")
    assert jane.trial_balance() == {"6180": "91.66", "1250": "18.34", "6320": "10.00", "1020": "-120.00"}
