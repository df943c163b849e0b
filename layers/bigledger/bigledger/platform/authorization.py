"""Who is calling: a tenant's API key, a user of the user pool, or the operator of the installation."""

from typing import Any
from uuid import UUID

import orjson

from bigledger.kernel import Actor, Identity, database, runtime
from bigledger.kernel.problems import Unauthenticated
from bigledger.kernel.serialization import json_text
from bigledger.platform import operator, secrets, user_pool
from bigledger.platform.keys import KeyData

OPERATOR_PERMISSIONS = (
    "platform.create_tenant",
    "platform.get_tenant",
    "platform.list_feature_flags",
    "platform.set_feature_flag",
)


def identify(credential: str) -> Identity:
    """Whose key or token this is, and what they may do; a key takes one statement.

    Raises Unauthenticated with what to do about it, Unavailable when the database does not answer.
    """
    if credential.startswith(secrets.OPERATOR_PREFIX):
        return _operator(credential)
    if credential.startswith("blg_"):
        return _key(credential)
    if credential.count(".") == 2:
        return _user(credential)
    raise Unauthenticated("This is neither an API key (blg_live_…, blg_test_…) nor a token of the user pool.")


def _operator(credential: str) -> Identity:
    if not operator.matches(credential, runtime.clock.now()):
        raise Unauthenticated("This is not the key of this installation's operator.")
    return Identity(Actor("operator", "operator", "The operator", OPERATOR_PERMISSIONS))


def _key(credential: str) -> Identity:
    tenant_id = secrets.tenant_of(credential)
    if tenant_id is None:
        raise Unauthenticated("This API key is not complete. Copy all of it.")
    now = runtime.clock.now()
    row = _asked(
        "SELECT * FROM platform.authorize_key(:tenant, :instant, :digest)",
        tenant=str(tenant_id),
        instant=now.isoformat(),
        digest=secrets.digest(credential),
    )
    if row is None:
        raise Unauthenticated("This API key is not known here. Check that it belongs to this installation.")
    if row.status != "active":
        raise Unauthenticated("This API key was revoked. Ask an administrator for another.")
    if not row.present:
        raise Unauthenticated("This API key was rotated. Use its new secret.")
    data = KeyData.model_validate_json(row.data)
    if data.expires_at is not None and data.expires_at <= now:
        raise Unauthenticated(f"This API key expired on {data.expires_at:%Y-%m-%d}. Ask an administrator for another.")
    kind = "applet" if data.applet else "api_key"
    return _identity(tenant_id, str(row.id), kind, data.name, row.granted, row.version)


def _user(credential: str) -> Identity:
    now = runtime.clock.now()
    user = user_pool.read(credential, now)
    row = _asked(
        "SELECT * FROM platform.authorize_user(:tenant, :instant, :subject, :groups)",
        tenant=str(user.tenant_id),
        instant=now.isoformat(),
        subject=user.subject,
        groups=json_text(user.groups),
    )
    if row is None:
        raise Unauthenticated("The tenant that this token names does not exist here.")
    return _identity(user.tenant_id, user.subject, "user", user.name, row.granted, None)


def _asked(sql: str, **parameters: str) -> Any:
    with database.transaction() as opened:
        return opened.row(sql, **parameters)


def _identity(tenant_id: UUID, id: str, kind: str, name: str, granted: str, version: int | None) -> Identity:
    given = orjson.loads(granted)
    return Identity(Actor(id, kind, name, tuple(given["permissions"]), tuple(given["roles"]), version), tenant_id)
