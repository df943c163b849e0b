"""Puts a document into a tenant directly, for tests of operations that only need one to be there."""

from collections.abc import Mapping
from typing import Any

from bigledger.kernel import Actor, Context, Document, Request, Tenant, documents, runtime
from bigledger.kernel.database import transaction
from bigledger.kernel.unit_of_work import UnitOfWork
from tests.support.api import Api


def stored(
    api: Api, type: str, number: str, status: str = "draft", data: Mapping[str, Any] | None = None, **columns: Any
) -> Document:
    """Create and commit a document of a type under a number, as the client's tenant."""
    assert api.tenant_id is not None
    with transaction() as opened:
        work = UnitOfWork(opened, runtime.clock)
        context = Context(Tenant(api.tenant_id), Actor("tester"), runtime.clock, work, Request("tests", "1", "1"))
        opened.rows(
            "SELECT * FROM kernel.open(:tenant, :instant, NULL, NULL)",
            tenant=str(api.tenant_id),
            instant=context.now.isoformat(),
        )
        new = Document(context.new_id(), type, status, dict(data or {}), number=number, **columns)
        document = documents.create(context, new)
        work.flush()
    return document
