"""A tenant with nothing in it, and a transaction to work in: for what lies below the modules."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from bigledger.kernel import Actor, Context, Document, Request, Table, Tenant, documents, runtime
from bigledger.kernel.database import transaction
from bigledger.kernel.transactions import open_tenant
from bigledger.kernel.unit_of_work import UnitOfWork
from tests.support.api import Api

TENANT = Table("kernel.tenant", ("name", "api_version"))


def bare_tenant(name: str = "Bare") -> Api:
    """Make a tenant without any master data, and a client of it."""
    api = Api(runtime.clock.new_id())
    with working(api) as context:
        context.work.append(TENANT, [{"name": name, "api_version": "2026-11-23"}])
        context.work.flush()
    return api


@contextmanager
def working(api: Api) -> Iterator[Context]:
    """A context in a transaction of the tenant; it commits when the block ends, and rolls back when it raises.

    What is staged in it is written by its ``work.flush()``.
    """
    assert api.tenant_id is not None
    tenant = UUID(str(api.tenant_id))
    with transaction() as opened:
        work = UnitOfWork(opened, runtime.clock)
        request = Request("kernel.test", "request-0000", "correlation-0000")
        context = Context(Tenant(tenant), Actor(api.actor_id, api.actor_kind), runtime.clock, work, request)
        open_tenant(opened, tenant, context.now)
        yield context


def add_document(api: Api, type: str = "note", status: str = "open", **columns: object) -> Document:
    """Store a document and answer it."""
    with working(api) as context:
        columns.setdefault("data", {})
        document = documents.create(context, Document(context.new_id(), type, status, **columns))  # type: ignore[arg-type]
        context.work.flush()
    return document
