"""Clients whose caller the authorizer really identifies, as the gateway would have it done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from bigledger.kernel import Operation
from tests.support.api import Api, find


def authorize(authorization: str | None) -> dict[str, Any]:
    """The context the authorizer answers for this Authorization header."""
    headers = {} if authorization is None else {"authorization": authorization}
    answer = find("authorize_request")({"headers": headers, "requestContext": {"requestId": "authorizer-0001"}}, None)
    assert answer["isAuthorized"] is True
    context: dict[str, Any] = answer["context"]
    return context


@dataclass
class KeyApi(Api):
    """A client that sends a key or token; what the authorizer said of it is kept, as the gateway keeps it."""

    authorizer: Mapping[str, Any] = field(default_factory=dict)

    def event(self, operation: Operation[Any, Any], body: Any = None, **more: Any) -> dict[str, Any]:
        event = super().event(operation, body, **more)
        if operation.permission is not None:
            event["requestContext"]["authorizer"] = {"lambda": dict(self.authorizer)}
        return event


def bearer(credential: str) -> KeyApi:
    """A client with this key or token, identified now."""
    context = authorize(f"Bearer {credential}")
    tenant_id = context.get("tenant_id")
    return KeyApi(UUID(tenant_id) if tenant_id else None, authorizer=context)


def stored_texts(api: Api) -> str:
    """Everything that the tenant's tables hold, as one text to search in."""
    tables = sorted(api.counts())
    union = " UNION ALL ".join(f"SELECT to_jsonb(t)::text AS line FROM {table} t" for table in tables)
    return "\n".join(row.line for row in api.rows(union))
