"""Roles: named sets of permissions, held by keys and users. Nobody can give away more than they have."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import (
    Answer,
    Code,
    Command,
    Conflict,
    Context,
    Document,
    FieldError,
    Instant,
    InvalidRequest,
    Name,
    Reference,
    To,
    UnknownReference,
    documents,
    permissions,
)
from bigledger.kernel.configuration import unknown
from bigledger.kernel.problems import Forbidden
from bigledger.platform.events import RoleAssigned, RoleCreated

TYPE = "role"
ASSIGNMENT_TYPE = "role_assignment"

Permission = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z_*]+\.[a-z_*]+)$", max_length=100)]
"""An operation's name with its module, or a pattern: ``receivables.create_invoice``, ``ledger.*``, ``*.get_*``."""

Subject = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,128}$")]
"""A user as the user pool names them in the ``sub`` claim."""


class PermissionBeyondOwn(Forbidden):
    """The role or key would be allowed more than the one who gives it."""

    title = "Nobody can grant more than they have"


class RoleExists(Conflict):
    """Another role has this code."""

    title = "The code is in use"


class RoleData(Command):
    """A role: its code, its name and what it permits."""

    code: Code
    name: Name
    permissions: Annotated[list[Permission], Field(min_length=1, max_length=200)]


class NewRole(RoleData):
    """A role to create."""


class Role(Answer):
    """A role."""

    id: UUID
    code: str
    name: str
    permissions: list[str]
    version: int


class NewAssignment(Command):
    """Gives a role to a user (by the ``sub`` of their token) or to a key (by its id), for good or until an instant."""

    role: Annotated[Reference, To("role")]
    user: Subject | None = None
    api_key: UUID | None = None
    expires_at: Instant | None = None

    @model_validator(mode="after")
    def _one_holder(self) -> "NewAssignment":
        if (self.user is None) == (self.api_key is None):
            raise PydanticCustomError("one_holder", "name either a user or an api_key")
        return self


class AssignmentData(Answer):
    """A role in somebody's hands: a user's or a key's, until ``expires_at`` if there is one."""

    role: str
    user: str | None = None
    api_key_id: UUID | None = None
    expires_at: datetime | None = None


class Assignment(AssignmentData):
    """An assignment as it is answered."""

    id: UUID
    version: int


def create(new: NewRole, context: Context) -> Role:
    """Create a role out of permissions the caller has.

    Raises RoleExists or PermissionBeyondOwn.
    """
    refuse_beyond(context, new.permissions, "/permissions")
    if context.work.read("SELECT 1 FROM kernel.document WHERE type = 'role' AND number = :code", code=new.code):
        raise RoleExists(
            f"There is a role {new.code} already. Choose another code.",
            errors=[FieldError("/code", "code_taken", "choose another code")],
        )
    document = stage(context, new)
    context.emit(RoleCreated(id=document.id, **new.model_dump()), document)
    return Role(id=document.id, version=document.version, **new.model_dump())


def stage(context: Context, role: RoleData) -> Document:
    """Stage a new role."""
    return documents.create(
        context, Document(context.new_id(), TYPE, "active", role.model_dump(mode="json"), number=role.code)
    )


def assign(new: NewAssignment, context: Context) -> Assignment:
    """Give a role; giving it again replaces the expiry.

    Raises UnknownReference for the role or the key, PermissionBeyondOwn when the role reaches further than the
    caller's own permissions, InvalidRequest when it would have expired already.
    """
    refuse_past(context, new.expires_at)
    role = named(context, [new.role], "/role")[0]
    refuse_beyond(context, role.permissions, "/role")
    held = _held(context, role.code, new)
    data = AssignmentData(role=role.code, user=new.user, api_key_id=new.api_key, expires_at=new.expires_at)
    if held is None:
        number = holding(role.code, holder(new.user, new.api_key))
        document = documents.create(context, Document(context.new_id(), ASSIGNMENT_TYPE, "active", data, number=number))
    else:
        document = documents.change(context, held, data=data, status="active")
    context.emit(RoleAssigned(id=document.id, **data.model_dump()), document)
    return Assignment(id=document.id, version=document.version, **data.model_dump())


def _held(context: Context, role: str, new: NewAssignment) -> Document | None:
    """The assignment of this role to this holder that stands already; raises UnknownReference for an unknown key."""
    found = context.work.read_json(
        f"""
        SELECT jsonb_build_object(
            'key', (SELECT status FROM kernel.document WHERE type = 'api_key' AND id = cast(:key AS uuid)),
            'held', (SELECT {documents.AS_JSON} FROM kernel.document d
                     WHERE d.type = 'role_assignment' AND d.number = :holding))::text
        """,
        key=str(new.api_key) if new.api_key else None,
        holding=holding(role, holder(new.user, new.api_key)),
    )
    if new.api_key is not None and found["key"] != "active":
        raise UnknownReference(
            f"There is no active API key {new.api_key}.",
            errors=[unknown("api_key", str(new.api_key), "/api_key")],
        )
    return documents.from_json(found["held"]) if found["held"] else None


def holder(user: str | None, api_key: UUID | None) -> str:
    """How an assignment names who holds it; ``platform.granted`` in the database is asked with the same."""
    return f"api_key:{api_key}" if api_key is not None else f"user:{user}"


def holding(role: str, held_by: str) -> str:
    """The number of an assignment: a role and its holder, so that each stands once and is found by its index."""
    return f"{role} {held_by}"


def named(context: Context, references: list[str], pointer: str | None = None) -> list[RoleData]:
    """The active roles that codes or ids name, each once, in their order; one statement.

    ``pointer`` is where a single reference stands; without it they stand in ``/roles``. Raises UnknownReference.
    """
    rows = context.work.read_json(
        "SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'data', data)), '[]')::text"
        " FROM kernel.document WHERE type = 'role' AND status = 'active'"
    )
    known: dict[str, RoleData] = {}
    for row in rows:
        role = RoleData.model_validate(row["data"])
        known[role.code] = known[row["id"]] = role
    errors = [
        unknown("role", reference, pointer or f"/roles/{place}")
        for place, reference in enumerate(references)
        if reference not in known
    ]
    if errors:
        raise UnknownReference("Some roles do not exist or are not active.", errors=errors)
    return list({known[reference].code: known[reference] for reference in references}.values())


def refuse_past(context: Context, expires_at: datetime | None) -> None:
    """Raise InvalidRequest when something would have expired before it begins."""
    if expires_at is not None and expires_at <= context.now:
        raise InvalidRequest(
            "The expiry has passed already.",
            errors=[FieldError("/expires_at", "in_the_past", "give an instant in the future, or leave it out")],
        )


def refuse_beyond(context: Context, patterns: Iterable[str], pointer: str) -> None:
    """Raise PermissionBeyondOwn when the patterns reach further than the caller's own permissions."""
    excess = permissions.beyond(context.actor, patterns)
    if excess:
        raise PermissionBeyondOwn(
            f"{context.actor.name} does not have {', '.join(excess)} and so cannot grant it.",
            errors=[FieldError(pointer, "beyond_own", "only permissions you have yourself can be granted")],
            permissions=excess,
        )
