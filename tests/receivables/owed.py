"""Short ways to a party that is customer and supplier, and to what it is owed."""

from typing import Any

from tests.support.shop import Shop


def both_sides(shop: Shop, **fields: Any) -> None:
    """Desert Tools, customer CUST002, is supplier SUPP001 as well."""
    shop.api.record("suppliers", code="SUPP001", name="Desert Tools", jurisdiction="US-NV", tax_number="88-1", **fields)
    path = {"resource": "customers", "id": "CUST002"}
    change = {"tax_number": "88-1"}
    shop.api.call("update_record", change, path=path, headers={"If-Match": '"1"'}).expect(200)


def owing(shop: Shop, *amounts: str, currency: str = "USD", **fields: Any) -> Any:
    """A journal entry by which the company owes the supplier amounts, each an open item."""
    lines = [
        line
        for amount in amounts
        for line in (
            {"account": "2100", "supplier": "SUPP001", "credit": amount, "currency": currency},
            {"account": "6300", "debit": amount, "currency": currency},
        )
    ]
    body = {"text": "Tools", "post": True, "lines": lines, **fields}
    key = {"Idempotency-Key": f"owing-{shop.api.requests}"}
    return shop.api.call("create_journal_entry", body, headers=key).expect(201).json


def set_off(shop: Shop, status: int = 201, **fields: Any) -> Any:
    """Set off what Desert Tools owes and is owed."""
    body = {"customer": "CUST002", "supplier": "SUPP001", **fields}
    key = {"Idempotency-Key": f"contra-{shop.api.requests}"}
    return shop.api.call("create_contra_settlement", body, headers=key).expect(status).json
