"""API keys: made with roles, told once, rotated and revoked. What is stored cannot be turned back into a key."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from bigledger.kernel import (
    Answer,
    Code,
    Command,
    Context,
    Document,
    Filter,
    Instant,
    ListQuery,
    Name,
    NotFound,
    Page,
    Reference,
    To,
    documents,
    listing,
)
from bigledger.kernel.wire import ShownOnce
from bigledger.platform import roles, secrets
from bigledger.platform.events import ApiKeyCreated, ApiKeyRevoked, ApiKeyRotated
from bigledger.platform.secrets import Mode, Secret

TYPE = "api_key"
SECRET_TYPE = "api_key_secret"  # noqa: S105 - the type of a document


class KeyData(Answer):
    """What is stored of a key. Its secret's digest is the number of another document, which a rotation replaces."""

    name: str
    mode: Mode
    prefix: str
    roles: list[str]
    expires_at: datetime | None = None
    applet: str | None = None
    secret_id: UUID


class SecretData(Answer):
    """Which key a secret opens."""

    key_id: UUID


class NewApiKey(Command):
    """A key to make. ``applet`` names the applet that will use it: what it does is recorded as the applet's."""

    name: Name
    roles: Annotated[list[Annotated[Reference, To("role")]], Field(min_length=1, max_length=20)]
    mode: Mode = "live"
    expires_at: Instant | None = None
    applet: Code | None = None


class KeyReference(Command):
    """Names a key by its id."""

    id: UUID


class KeyList(ListQuery):
    """A list of keys; all of them, revoked ones too, unless filtered by status."""

    allowed_filters = {"status": Filter("status")}


class ApiKey(Answer):
    """A key without its secret; ``prefix`` is the beginning of the secret, for telling keys apart."""

    id: UUID
    name: str
    mode: Mode
    prefix: str
    roles: list[str]
    status: str
    expires_at: datetime | None = None
    applet: str | None = None
    created_at: datetime
    version: int


class ApiKeyWithSecret(ApiKey):
    """A key with its secret ``api_key``, told this once: the answer to a repeated request is without it."""

    api_key: Annotated[str | None, ShownOnce()] = None


def create(new: NewApiKey, context: Context) -> ApiKeyWithSecret:
    """Make a key.

    Raises UnknownReference for roles, PermissionBeyondOwn when they reach further than the caller's permissions.
    """
    roles.refuse_past(context, new.expires_at)
    given = roles.named(context, list(new.roles))
    roles.refuse_beyond(context, _permissions(given), "/roles")
    document, secret = stage(context, new.model_copy(update={"roles": [role.code for role in given]}))
    data = document.read(KeyData)
    context.emit(
        ApiKeyCreated(id=document.id, name=data.name, prefix=data.prefix, roles=data.roles, expires_at=data.expires_at),
        document,
    )
    return _with_secret(document, secret, context)


def stage(context: Context, new: NewApiKey) -> tuple[Document, Secret]:
    """Stage a key and its secret; the roles are codes of roles that exist."""
    key_id = context.new_id()
    secret, secret_id = _stage_secret(context, key_id, new.mode)
    data = KeyData(prefix=secret.prefix, secret_id=secret_id, **new.model_dump())
    return documents.create(context, Document(key_id, TYPE, "active", data)), secret


def rotate(reference: KeyReference, context: Context) -> ApiKeyWithSecret:
    """Give a key a new secret; the old one stops working with this transaction.

    Raises NotFound, Conflict when it is revoked, PermissionBeyondOwn when the key may do more than the caller,
    who would learn its secret.
    """
    found = context.work.read_json(_KEY_AND_SECRET, id=str(reference.id))
    if found is None:
        raise _unknown(reference)
    document = documents.from_json(found["key"])
    documents.check_version(context, document)
    documents.check_status(document, ["active"], "rotated")
    roles.refuse_beyond(context, found["permissions"], "")
    data = document.read(KeyData)
    documents.change(context, documents.from_json(found["secret"]), status="replaced")
    secret, secret_id = _stage_secret(context, document.id, data.mode)
    data = data.model_copy(update={"prefix": secret.prefix, "secret_id": secret_id})
    documents.change(context, document, data=data)
    context.emit(ApiKeyRotated(id=document.id, name=data.name, prefix=data.prefix), document)
    return _with_secret(document, secret, context)


def revoke(reference: KeyReference, context: Context) -> ApiKey:
    """End a key with this transaction and for good. Revoking twice changes nothing. Raises NotFound."""
    document = documents.get(context, TYPE, str(reference.id), "API key")
    documents.check_version(context, document)
    if document.status == "active":
        documents.change(context, document, status="revoked")
        data = document.read(KeyData)
        context.emit(ApiKeyRevoked(id=document.id, name=data.name, prefix=data.prefix), document)
    return _answer(document)


def list_all(query: KeyList, context: Context) -> Page[ApiKey]:
    """A page of the tenant's keys, the newest first."""
    found, cursor = listing.page(context, TYPE, query)
    return Page[ApiKey](data=[_answer(listed.document) for listed in found], next_cursor=cursor)


_KEY_AND_SECRET = f"""
    SELECT jsonb_build_object(
        'key', (SELECT {documents.AS_JSON} FROM kernel.document d WHERE d.id = k.id),
        'secret', (SELECT {documents.AS_JSON} FROM kernel.document d WHERE d.id = cast(k.data->>'secret_id' AS uuid)),
        'permissions', platform.granted('api_key:' || k.id, k.data->'roles')->'permissions')::text
    FROM kernel.document k WHERE k.type = 'api_key' AND k.id = cast(:id AS uuid)
"""


def _stage_secret(context: Context, key_id: UUID, mode: Mode) -> tuple[Secret, UUID]:
    secret, secret_id = secrets.new_secret(context.clock, mode, context.tenant.id), context.new_id()
    documents.create(
        context, Document(secret_id, SECRET_TYPE, "active", SecretData(key_id=key_id), number=secret.digest)
    )
    return secret, secret_id


def _permissions(given: list[roles.RoleData]) -> list[str]:
    return list(dict.fromkeys(permission for role in given for permission in role.permissions))


def _unknown(reference: KeyReference) -> NotFound:
    return NotFound(f"There is no API key {reference.id}.")


def _answer(document: Document) -> ApiKey:
    data = document.read(KeyData).model_dump(exclude={"secret_id"})
    return ApiKey(
        id=document.id, status=document.status, created_at=document.created_at, version=document.version, **data
    )


def _with_secret(document: Document, secret: Secret, context: Context) -> ApiKeyWithSecret:
    """The answer that tells the secret; a dry run tells none, since that key will never exist."""
    return ApiKeyWithSecret(**_answer(document).model_dump(), api_key=None if context.request.dry_run else secret.text)
