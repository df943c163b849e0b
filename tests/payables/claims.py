"""An employee's claim: a train ticket with tax and a meal without."""

from typing import Any

from tests.support.purchases import Purchases

CLAIM: dict[str, Any] = {
    "employee": "JANE",
    "purpose": "Visit to a customer",
    "items": [
        {"date": "2026-11-18", "description": "Train", "amount": "60.00", "account": "6180", "tax": "VAT20"},
        {"date": "2026-11-19", "description": "Meal", "amount": "25.50", "account": "6180", "receipt": "meal.pdf"},
    ],
}


def claim(buyer: Purchases, *done: str) -> Any:
    """Jane's claim, after some operations; a colleague approves."""
    if not buyer.api.rows("SELECT 1 FROM kernel.document WHERE type = 'supplier' AND number = 'JANE'"):
        buyer.api.record("suppliers", code="JANE", name="Jane Doe", jurisdiction="US")
    made = buyer.make("create_expense_claim", **CLAIM)
    boss = Purchases.__new__(Purchases)
    boss.api = buyer.api.as_("boss", "payables.*")
    for operation in done:
        made = (boss if operation == "approve_expense_claim" else buyer).act(operation, made)
    return made
