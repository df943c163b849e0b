"""Tenants: made by the operator with all that a company needs to begin, and read by themselves."""

from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from bigledger.kernel import (
    Answer,
    Code,
    Command,
    Conflict,
    Context,
    Currency,
    Document,
    Name,
    NotFound,
    Ref,
    Table,
    database,
    documents,
)
from bigledger.kernel.problems import Forbidden
from bigledger.kernel.wire import ShownOnce
from bigledger.platform import keys, roles, setup
from bigledger.platform.events import TenantCreated
from bigledger.platform.secrets import Mode
from bigledger.records import Company, CompanyPolicies, Jurisdiction, Timezone, general_chart

API_VERSION = "2026-11-23"
"""The version of the API that new tenants are pinned to."""

TENANT = Table("kernel.tenant", ("name", "api_version"))


class OperatorOnly(Forbidden):
    """Only the operator of the installation may do this, whatever permissions a tenant's key has."""

    title = "Only the operator may do this"


class TenantExists(Conflict):
    """A tenant has been made with this idempotency key before."""

    title = "The tenant exists"


database.constraint(
    "tenant_pkey", lambda: TenantExists("A tenant was made with this Idempotency-Key before. Use a new key.")
)


class NewCompany(Command):
    """The first company. ``timezone`` decides which day it is; the fiscal year begins with ``fiscal_year_month``."""

    code: Code = "MAIN"
    name: Name | None = None
    currency: Currency
    jurisdiction: Jurisdiction
    timezone: Timezone = "UTC"
    tax_number: Name | None = None
    policies: CompanyPolicies = CompanyPolicies()
    fiscal_year_month: Annotated[int, Field(ge=1, le=12)] = 1


class NewTenant(Command):
    """A tenant to make; ``mode`` is how its first key is marked. The company bears the tenant's name unless told."""

    name: Name
    company: NewCompany
    mode: Mode = "live"


class TenantReference(Command):
    """Names a tenant by its id."""

    id: UUID


class TenantState(Answer):
    """A tenant: a suspended one can be read, not changed. ``api_version`` is the version of the API it is pinned to."""

    id: UUID
    name: str
    status: str
    api_version: str
    created_at: datetime


class TenantWithCompanies(TenantState):
    """A tenant and its companies."""

    companies: list[Ref]


class NewTenantAnswer(TenantState):
    """A new tenant with its first company and its first key, whose role is admin.

    ``api_key`` is told this once: the answer to a repeated request is without it.
    """

    company: Ref
    api_key_id: UUID
    api_key: Annotated[str | None, ShownOnce()] = None


def create(new: NewTenant, context: Context) -> NewTenantAnswer:
    """Stage a tenant and everything it begins with: nothing else is needed before its first invoice.

    Raises OperatorOnly.
    """
    if context.actor.kind != "operator":
        raise OperatorOnly("Only the operator of this installation makes tenants. Send the operator's key.")
    context.work.append(TENANT, [{"name": new.name, "api_version": API_VERSION}])
    company = Company(
        name=new.company.name or new.name, **new.company.model_dump(exclude={"name", "fiscal_year_month"})
    )
    made = _record(context, "company", company.model_dump(mode="json", exclude_none=True))
    for type, data in _defaults():
        _record(context, type, data)
    today = context.clock.today(company.timezone)
    for series in setup.number_series(company.code):
        _record(context, "number_series", series.model_dump(mode="json", exclude_none=True))
    for year in setup.fiscal_years(company.code, today, new.company.fiscal_year_month):
        _record(context, "fiscal_year", year.model_dump(mode="json", exclude_none=True))
    for role in setup.ROLES:
        roles.stage(context, role)
    key, secret = keys.stage(context, keys.NewApiKey(name="First key", roles=["admin"], mode=new.mode))
    reference = Ref(id=made.id, code=company.code, name=company.name)
    context.emit(
        TenantCreated(
            id=context.tenant.id,
            name=new.name,
            api_version=API_VERSION,
            company=reference,
            currency=company.currency,
            jurisdiction=company.jurisdiction,
            api_key_id=key.id,
        ),
        Document(context.tenant.id, "tenant", "active", {}),
    )
    return NewTenantAnswer(
        id=context.tenant.id,
        name=new.name,
        status="active",
        api_version=API_VERSION,
        created_at=context.now,
        company=reference,
        api_key_id=key.id,
        api_key=None if context.request.dry_run else secret.text,
    )


def get(reference: TenantReference, context: Context) -> TenantWithCompanies:
    """A tenant: a tenant's key sees its own, the operator any. Raises NotFound."""
    found = None
    if reference.id == context.tenant.id:
        found = context.work.read_json("""
            SELECT jsonb_build_object(
                'id', t.tenant_id, 'name', t.name, 'status', t.status, 'api_version', t.api_version,
                'created_at', t.created_at,
                'companies', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'id', id, 'code', number, 'name', data->>'name') ORDER BY number), '[]')
                    FROM kernel.document WHERE type = 'company' AND status = 'active'))::text
            FROM kernel.tenant t
        """)
    if found is None:
        raise NotFound(f"There is no tenant {reference.id}.")
    return TenantWithCompanies.model_validate(found)


@lru_cache(maxsize=1)
def _defaults() -> list[tuple[str, dict[str, Any]]]:
    """Type and data of the records that are the same for every tenant."""
    records = {
        "account": general_chart(),
        "unit": setup.UNITS,
        "location": setup.LOCATIONS,
        "payment_term": setup.PAYMENT_TERMS,
    }
    return [
        (type, model.model_dump(mode="json", exclude_none=True)) for type, models in records.items() for model in models
    ]


def _record(context: Context, type: str, data: dict[str, Any]) -> Document:
    return documents.create(context, Document(context.new_id(), type, "active", data, number=data["code"]))
