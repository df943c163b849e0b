"""What a caller is told of themselves."""

from uuid import UUID

from bigledger.kernel import Answer, Context, Ref, configuration
from bigledger.records import Company


class CallerActor(Answer):
    """The one who calls: a user, a key, or an applet by its key."""

    id: str
    kind: str
    name: str


class CallerTenant(Answer):
    """The tenant they belong to."""

    id: UUID
    name: str
    status: str


class Caller(Answer):
    """Who calls, for which tenant and companies, in which roles, and the patterns of operations they may call."""

    actor: CallerActor
    tenant: CallerTenant
    companies: list[Ref]
    roles: list[str]
    permissions: list[str]


def describe(context: Context) -> Caller:
    """Tell the caller what the authorizer and the tenant's set-up say of them."""
    actor, tenant = context.actor, context.tenant
    companies = sorted(configuration(context).active(Company), key=lambda company: company.code)
    return Caller(
        actor=CallerActor(id=actor.id, kind=actor.kind, name=actor.name),
        tenant=CallerTenant(id=tenant.id, name=tenant.name, status=tenant.status),
        companies=[company.ref for company in companies],
        roles=sorted(actor.roles),
        permissions=sorted(actor.permissions),
    )
