"""Short ways to credit, and to see what was posted."""

from decimal import Decimal
from typing import Any

from tests.support.shop import Shop


def credit(shop: Shop, invoice: Any, status: int = 201, **fields: Any) -> Any:
    """Credit an invoice."""
    body = {"reason": "Returned"} | fields
    return shop.api.call("credit_invoice", body, path={"id": invoice["id"]}).expect(status).json


def credit_note(shop: Shop, customer: str = "CUST002", /, status: int = 201, **fields: Any) -> Any:
    """A credit note that stands alone, for one hour of assembly unless items are given."""
    body = {"customer": customer, "reason": "Goodwill", "items": [{"product": "SERV001", "quantity": 1}]} | fields
    return shop.api.call("create_credit_note", body).expect(status).json


def void(shop: Shop, note: Any, status: int = 200, **fields: Any) -> Any:
    """Void a credit note."""
    body = {"reason": "A mistake"} | fields
    return shop.api.call("void_credit_note", body, path={"id": note["id"]}).expect(status).json


def debit_note(shop: Shop, invoice: Any = None, /, status: int = 201, **fields: Any) -> Any:
    """A debit note of 5.00 more for each lamp of an invoice, or for one hour of assembly by itself."""
    alone = {"customer": "CUST002", "items": [{"product": "SERV001", "quantity": 1}]}
    of_invoice = {"invoice": invoice["number"], "lines": [{"line": 1, "unit_price": "5.00"}]} if invoice else alone
    body = {"reason": "Priced too low"} | of_invoice | fields
    return shop.api.call("create_debit_note", body).expect(status).json


def posted(answer: Any) -> list[tuple[str, Decimal]]:
    """What was posted, debit positive."""
    return [
        (line["account"]["code"], Decimal(line["debit"]) - Decimal(line["credit"]))
        for line in answer["posting"]["lines"]
    ]
