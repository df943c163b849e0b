"""Calls operations through the wire: real gateway events in, real answers out, no HTTP server between."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from bigledger.kernel import Operation, runtime
from bigledger.kernel.database import transaction
from bigledger.kernel.events import envelope
from bigledger.kernel.transactions import open_tenant

FUNCTIONS = Path(__file__).parents[2] / "functions"


@dataclass(frozen=True)
class Response:
    """An answer as a client sees it."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The parsed body; numbers that are not whole would be a defect and are refused."""
        return json.loads(self.text, parse_float=_refuse_float) if self.text else None

    def __getitem__(self, name: str) -> Any:
        return self.json[name]

    def expect(self, status: int) -> "Response":
        """This response, if it has the status; otherwise its body is the failure's message."""
        assert self.status == status, f"{self.status} instead of {status}: {self.text}"
        return self


def _refuse_float(text: str) -> Any:
    raise AssertionError(f"the answer has a float in it: {text}")


def find(name: str) -> Any:
    """The function object of ``create_invoice`` or ``receivables.create_invoice``."""
    if "." in name:
        module, _, name = name.partition(".")
    else:
        (path,) = FUNCTIONS.glob(f"*/{name}.py")
        module = path.parent.name
    return getattr(import_module(f"functions.{module}.{name}"), name)


def send(operation: Operation[Any, Any], event: dict[str, Any]) -> Response:
    """Hand a gateway event to an operation."""
    answer = operation(event, None)
    return Response(answer["statusCode"], answer["headers"], answer["body"])


@dataclass
class Api:
    """A client of one tenant, with the permissions it is given."""

    tenant_id: UUID | None
    actor_id: str = "tester"
    actor_kind: str = "user"
    permissions: str = "*"
    requests: int = field(default=0)

    def call(
        self,
        operation: str | Operation[Any, Any],
        body: Any = None,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Response:
        """Call an operation, or one of functions/ by its name."""
        found: Operation[Any, Any] = find(operation) if isinstance(operation, str) else operation
        return send(found, self.event(found, body, path=path, query=query, headers=headers, raw=raw))

    def event(
        self,
        operation: Operation[Any, Any],
        body: Any = None,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> dict[str, Any]:
        """The gateway event of a call."""
        self.requests += 1
        parameters = {name: str(value) for name, value in (path or {}).items()}
        filled = operation.path
        for name, value in parameters.items():
            filled = filled.replace(f"{{{name}}}", quote(value, safe=""))
        text = raw.decode() if raw is not None else json.dumps(body) if body is not None else None
        authorizer = None
        if operation.permission is not None:
            authorizer = {
                "lambda": {
                    "tenant_id": str(self.tenant_id) if self.tenant_id else "",
                    "actor_id": self.actor_id,
                    "actor_kind": self.actor_kind,
                    "actor_name": self.actor_id,
                    "permissions": self.permissions,
                }
            }
        context: dict[str, Any] = {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "127.0.0.1",
            "http": {"method": operation.method, "path": filled, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
            "requestId": f"request-{self.requests:04}",
            "routeKey": operation.route,
            "stage": "$default",
        }
        if authorizer is not None:
            context["authorizer"] = authorizer
        return {
            "version": "2.0",
            "routeKey": operation.route,
            "rawPath": filled,
            "rawQueryString": urlencode(query or {}),
            "headers": {"content-type": "application/json"} | {name.lower(): v for name, v in (headers or {}).items()},
            "pathParameters": parameters,
            "requestContext": context,
            "body": text,
            "isBase64Encoded": False,
        }

    def as_(self, actor_id: str, permissions: str) -> "Api":
        """Another actor of the same tenant."""
        return Api(self.tenant_id, actor_id, "user", permissions)

    def record(self, resource: str, **fields: Any) -> Any:
        """Create a record of master data."""
        return self.call("create_record", fields, path={"resource": resource}).expect(201).json

    def rows(self, sql: str, **parameters: Any) -> Any:
        """Rows as this tenant sees them."""
        with transaction() as opened:
            open_tenant(opened, self.tenant_id, runtime.clock.now())
            return opened.rows(sql, **parameters)

    def events(self, type: str | None = None) -> list[dict[str, Any]]:
        """The envelopes of the tenant's events so far, oldest first."""
        rows = self.rows("SELECT *, data::text AS body FROM kernel.event ORDER BY transaction_id, id")
        found = [envelope(row, json.loads(row.body)) for row in rows]
        return [event for event in found if type is None or event["type"] == type]

    def counts(self) -> dict[str, int]:
        """How many rows each of the tenant's tables has: equal before and after when nothing changed."""
        tables = [
            f"{row.table_schema}.{row.table_name}"
            for row in self.rows(
                "SELECT table_schema, table_name FROM information_schema.columns WHERE column_name = 'tenant_id'"
            )
        ]
        union = " UNION ALL ".join(f"SELECT '{table}' AS name, count(*) AS n FROM {table}" for table in sorted(tables))
        return {row.name: row.n for row in self.rows(union)}


OPERATOR = "platform.create_tenant platform.get_tenant platform.list_feature_flags platform.set_feature_flag"
"""What the operator of the installation may do."""


def operator_client() -> Api:
    """The operator of the installation, who makes tenants."""
    return Api(None, "operator", "operator", OPERATOR)
