"""A dunning procedure, overdue invoices, and schedules of invoices."""

from typing import Any

from tests.support.shop import Shop

LEVELS = [
    {"days": 5, "text": "You may have overlooked this."},
    {"days": 20, "text": "Please pay.", "fees": [{"currency": "USD", "amount": "10.00"}], "payment_days": 14},
    {"days": 40, "fees": [{"currency": "USD", "amount": "25.00"}, {"currency": "EUR", "amount": "20.00"}]},
]


def procedure(shop: Shop, **fields: Any) -> None:
    """The usual procedure of three levels."""
    shop.api.record("dunning-procedures", **{"code": "USUAL", "name": "Usual", "levels": LEVELS} | fields)


def overdue(shop: Shop, due: str, customer: str = "CUST002", **fields: Any) -> Any:
    """An hour of assembly at 75.00, due at once on a day."""
    items = [{"product": "SERV001", "quantity": 1}]
    return shop.invoice(customer, date=due, payment_terms="IMMEDIATE", **{"items": items} | fields)


def remind(shop: Shop, status: int = 201, **fields: Any) -> Any:
    """Run the usual procedure."""
    key = {"Idempotency-Key": f"dunning-{shop.api.requests}"}
    body = {"procedure": "USUAL"} | fields
    return shop.api.call("create_dunning_run", body, headers=key).expect(status).json


def levels(shop: Shop, run: Any) -> list[tuple[str, int]]:
    """What each letter of a run is about, and the level each item has reached."""
    return [
        (item["document"]["code"], item["level"])
        for made in run["notices"]
        for item in shop.api.call("get_dunning_notice", path={"id": made["notice"]["id"]}).expect(200)["items"]
    ]


def schedule(shop: Shop, **fields: Any) -> Any:
    """A monthly invoice of an hour of assembly."""
    given = {
        "code": "CARE",
        "name": "Care",
        "customer": "CUST002",
        "items": [{"product": "SERV001", "quantity": 1}],
        "starts_on": "2026-10-31",
    }
    return shop.api.record("recurring-invoices", **given | fields)


def run_due(shop: Shop, status: int = 200, **fields: Any) -> Any:
    """Make what is due."""
    key = {"Idempotency-Key": f"recurring-{shop.api.requests}"}
    return shop.api.call("run_recurring_invoices", fields, headers=key).expect(status).json
