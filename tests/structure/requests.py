"""A good request of each operation, made of one tenant's own ids, for the checks that hold for all operations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.world import World


@dataclass(frozen=True)
class Call:
    """What a request says beyond its operation."""

    body: Any = None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def about(document: Any, body: Any = None, **more: str) -> Call:
    """A call about one document, whose version the caller has read."""
    headers = {"If-Match": f'"{document["version"]}"'} if "version" in document else {}
    return Call(body, path={"id": document["id"], **more}, headers=headers)


def _items(world: World) -> list[dict[str, Any]]:
    return [{"product": world.id_of("products", "PROD001"), "quantity": "1"}]


REQUESTS: dict[str, Callable[[World], Call]] = {
    "events.get_document_history": lambda world: Call(path={"id": world.issued["id"]}),
    "events.get_event": lambda world: Call(path={"id": world.event["id"]}),
    "events.list_dead_letters": lambda world: Call(),
    "events.list_events": lambda world: Call(),
    "events.redrive_dead_letter": lambda world: about(world.letter),
    "inventory.create_reservation": lambda world: Call(
        {"product": world.id_of("products", "PROD001"), "quantity": "1"}
    ),
    "inventory.get_availability": lambda world: Call(query={"product": world.id_of("products", "PROD001")}),
    "inventory.receive_stock": lambda world: Call({"items": [item | {"unit_cost": "5.00"} for item in _items(world)]}),
    "inventory.release_reservation": lambda world: about(world.reservation),
    "ledger.get_account_ledger": lambda world: Call(path={"id": world.id_of("accounts", "1200")}),
    "ledger.get_trial_balance": lambda world: Call(query={"company": world.id_of("companies", "MAIN")}),
    "platform.assign_role": lambda world: Call({"role": world.role["id"], "user": "someone"}),
    "platform.create_api_key": lambda world: Call({"name": "Key", "roles": [world.role["id"]]}),
    "platform.create_role": lambda world: Call({"code": "NEW", "name": "New", "permissions": ["ledger.*"]}),
    "platform.create_tenant": lambda world: Call(
        {"name": "New", "company": {"currency": "USD", "jurisdiction": "US-CA"}}
    ),
    "platform.get_health": lambda world: Call(),
    "platform.get_openapi": lambda world: Call(),
    "platform.get_tenant": lambda world: Call(path={"id": str(world.api.tenant_id)}),
    "platform.list_api_keys": lambda world: Call(),
    "platform.revoke_api_key": lambda world: about(world.key),
    "platform.rotate_api_key": lambda world: about(world.key),
    "platform.verify_auth": lambda world: Call(),
    "receivables.create_invoice": lambda world: Call(
        {"customer": world.id_of("customers", "CUST001"), "items": _items(world)}
    ),
    "receivables.get_invoice": lambda world: Call(path={"id": world.issued["id"]}),
    "receivables.issue_invoice": lambda world: about(world.draft),
    "receivables.list_invoices": lambda world: Call(query={"customer": world.id_of("customers", "CUST001")}),
    "receivables.record_payment": lambda world: Call(
        {"customer": world.id_of("customers", "CUST001"), "amount": "10.00"}, headers={"Idempotency-Key": "payment"}
    ),
    "receivables.update_invoice": lambda world: about(world.draft, {"reference": "New"}),
    "receivables.void_invoice": lambda world: about(world.voidable, {"reason": "Ordered twice"}),
    "records.archive_record": lambda world: Call(
        path={"resource": "customers", "id": world.id_of("customers", "CUST002")}
    ),
    "records.create_record": lambda world: Call(
        {
            "code": "NEW",
            "name": "New",
            "jurisdiction": "US-CA",
            "payment_terms": world.id_of("payment-terms", "NET30"),
        },
        path={"resource": "customers"},
    ),
    "records.get_record": lambda world: Call(path={"resource": "units", "id": world.id_of("units", "CONF")}),
    "records.list_records": lambda world: Call(path={"resource": "customers"}),
    "records.update_record": lambda world: Call(
        {"name": "New"},
        path={"resource": "customers", "id": world.id_of("customers", "CUST001")},
        headers={"If-Match": '"2"'},
    ),
    "reporting.get_kpis": lambda world: Call(query={"company": world.id_of("companies", "MAIN")}),
    "tax.quote_tax": lambda world: Call({"customer": world.id_of("customers", "CUST001"), "items": _items(world)}),
    "workflow.decide_approval": lambda world: about(world.approval, decision="approve"),
    "workflow.list_approvals": lambda world: Call(),
    "workflow.request_approval": lambda world: Call({"reason": "Look at it"}, path={"id": world.issued["id"]}),
}
"""By ``<module>.<operation>``. Each answers 200 (a dry run when it writes) to the tenant whose ids it is made of."""


def request(operation: str, world: World) -> Call:
    """The request of an operation; fails when the table has none."""
    assert operation in REQUESTS, f"add a good request of {operation} to tests/structure/requests.py"
    return REQUESTS[operation](world)
