"""Events as the queue delivers them."""

import json
from typing import Any

TENANT = "01980000-0000-7000-8000-000000000001"
INVOICE = "01980000-0000-7000-8000-0000000000a1"


def bus_event(
    type: str, data: dict[str, Any], *, number: int = 1, version: int = 1, tenant: str = TENANT, subject: str = ""
) -> dict[str, Any]:
    """An event as EventBridge delivers it; ``number`` makes its id."""
    return {
        "version": "0",
        "id": f"bus-{number}",
        "detail-type": type,
        "source": "bigledger.receivables",
        "detail": {
            "specversion": "1.0",
            "id": f"01980000-0000-7000-8000-{number:012d}",
            "source": "bigledger.receivables",
            "type": type,
            "version": version,
            "subject": subject or f"invoice/{INVOICE}",
            "time": "2026-11-23T09:00:00.123456Z",
            "datacontenttype": "application/json",
            "dataschema": f"urn:bigledger:event:{type}:{version}",
            "tenantid": tenant,
            "sequence": 1,
            "actorid": "key-1",
            "actorkind": "api_key",
            "operation": "receivables.create_invoice",
            "correlationid": "request-7",
            "causationid": None,
            "data": data,
        },
    }


def message(event: Any, identifier: str = "m1") -> dict[str, Any]:
    """A queue message with an event, or with any other text."""
    body = event if isinstance(event, str) else json.dumps(event)
    return {"messageId": identifier, "body": body, "attributes": {"ApproximateReceiveCount": "1"}}


def batch(*messages: dict[str, Any]) -> dict[str, Any]:
    """What Lambda hands over."""
    return {"Records": list(messages)}


def failed(*identifiers: str) -> dict[str, Any]:
    """The answer that sends these messages back to the queue."""
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


def invoice_created(total: str, **more: Any) -> dict[str, Any]:
    """An ``invoice.created`` of this total."""
    return bus_event("invoice.created", {"number": "INV-2026-000001", "currency": "USD", "total": total}, **more)
