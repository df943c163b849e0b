"""The contract of events: a JSON Schema of each, and for each operation its example as the gateway hands it over.

Schemas describe the published CloudEvents envelope. The examples beside them are whole Lambda payloads, recorded
by tests; ``sam local invoke -e`` takes them.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from bigledger.kernel import Event, Operation
from bigledger.kernel.events import SPECVERSION
from devtools.generate.published import summary_and_description
from devtools.generate.recorded import EVENTS, Recorded, as_json, event_name
from devtools.generate.schemas import schemas
from devtools.local.cloudformation import ACCOUNT, REGION

OPERATIONS = f"{EVENTS}/operations"

_TIME = "2026-11-23T09:00:00.000Z"
_TIME_EPOCH = 1795424400000
_AUTHORIZER = {
    "tenant_id": "019b6a3f-0000-7000-8000-000000000001",
    "actor_id": "example",
    "actor_kind": "user",
    "actor_name": "Example",
    "permissions": "*",
}


def event_schemas(events: Iterable[type[Event]]) -> dict[str, str]:
    """The text of each event's schema by its path."""
    return {f"{EVENTS}/{event_name(event)}.schema.json": as_json(event_schema(event)) for event in events}


def event_schema(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of one published event, envelope and data."""
    names, definitions = schemas([(event, "serialization")], "#/$defs/{model}")
    summary, description = summary_and_description(event.__doc__ or "")
    told = " ".join(text for text in (f"{summary}." if summary else "", description) if text)
    text = {"type": "string"}
    properties: dict[str, Any] = {
        "specversion": {"const": SPECVERSION, "description": "The version of CloudEvents."},
        "id": {"type": "string", "format": "uuid", "description": "A UUIDv7; handle each id once."},
        "source": {"const": f"bigledger.{event.source}"},
        "type": {"const": event.type},
        "version": {"const": event.version},
        "subject": {
            "type": "string",
            "pattern": "^[a-z_]+/[0-9a-f-]{36}$",
            "description": "What it happened to: the document's type and id.",
        },
        "time": {"type": "string", "format": "date-time", "description": "When it was recorded, UTC."},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"const": _identifier(event)},
        "tenantid": {"type": "string", "format": "uuid"},
        "sequence": {"type": "integer", "minimum": 1, "description": "Counts the events of the subject."},
        "actorid": text | {"description": "Who caused it."},
        "actorkind": text | {"description": "What the actor is: a user, an API key, the system."},
        "operation": text | {"description": "What the actor called, such as receivables.create_invoice."},
        "correlationid": text | {"description": "The same for everything one piece of work caused."},
        "causationid": {"type": ["string", "null"], "description": "The event or request that led to it."},
        "data": {"$ref": f"#/$defs/{names[event, 'serialization']}"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": _identifier(event),
        "title": f"{event.type} version {event.version}",
        **({"description": told} if told else {}),
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "$defs": definitions,
    }


def gateway_events(operations: Iterable[Operation[Any, Any]], recorded: Recorded) -> dict[str, str]:
    """The gateway event of each operation's example by its path."""
    return {
        f"{OPERATIONS}/{operation.module}.{operation.name}.json": as_json(gateway_event(operation, example["request"]))
        for operation in operations
        if (example := recorded.answers.get(f"{operation.module}.{operation.name}")) is not None
    }


def gateway_event(operation: Operation[Any, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """A recorded request as the HTTP API hands it to the function (payload format 2.0)."""
    path, _, query = request["path"].partition("?")
    written, filled = operation.path.split("/"), path.split("/")
    parameters = {
        part[1:-1]: unquote(value) for part, value in zip(written, filled, strict=True) if part.startswith("{")
    }
    caller = {} if operation.permission is None else {"authorizer": {"lambda": dict(_AUTHORIZER)}}
    headers = {name.lower(): value for name, value in request["headers"].items()}
    return {
        "version": "2.0",
        "routeKey": operation.route,
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"accept": "application/json", "content-type": "application/json", **headers},
        **({"pathParameters": parameters} if parameters else {}),
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "example",
            **caller,
            "domainName": f"example.execute-api.{REGION}.amazonaws.com",
            "http": {
                "method": operation.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "example",
            },
            "requestId": "example",
            "routeKey": operation.route,
            "stage": "$default",
            "time": _TIME,
            "timeEpoch": _TIME_EPOCH,
        },
        **({} if request["body"] is None else {"body": json.dumps(request["body"], ensure_ascii=False)}),
        "isBase64Encoded": False,
    }


def _identifier(event: type[Event]) -> str:
    return f"urn:bigledger:event:{event.type}:{event.version}"
