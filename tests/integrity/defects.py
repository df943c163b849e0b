"""Plants defects as the owner of the tables, with every trigger of the database switched off."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, create_engine, pool

from bigledger.integrity import IntegrityReport, RunChecks, run
from bigledger.kernel import Actor, Context, Request, Tenant, runtime
from bigledger.kernel.database import Transaction
from bigledger.kernel.transactions import open_tenant
from bigledger.kernel.unit_of_work import UnitOfWork
from tests.support.api import Api
from tests.support.database import plain_url, url


@contextmanager
def owner(api: Api, admin_url: str) -> Iterator[Connection]:
    """A transaction of the tenant as the owner, without triggers and foreign keys; it rolls back at the end.

    The replication role is what switches them off, and only the superuser may take it.
    """
    database = plain_url().partition("?")[0].rpartition("/")[2]
    address = url(admin_url, database, "postgres").replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(address, poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql("SET LOCAL ROLE bigledger_owner")
        connection.exec_driver_sql("SELECT set_config('app.tenant_id', %s, true)", (str(api.tenant_id),))
        yield connection
        connection.rollback()


def planted(api: Api, admin_url: str, statements: Sequence[str], body: dict[str, Any] | None = None) -> IntegrityReport:
    """What the checks find, as the application, after the statements; nothing of it is kept."""
    tenant = UUID(str(api.tenant_id))
    with owner(api, admin_url) as connection:
        for statement in statements:
            done = connection.exec_driver_sql(statement)
            assert done.rowcount != 0, f"no row to plant the defect in: {statement}"
        connection.exec_driver_sql("SET LOCAL ROLE bigledger_application")
        opened = Transaction(connection)
        work = UnitOfWork(opened, runtime.clock)
        request = Request("integrity.run_checks", "request-0000", "correlation-0000")
        context = Context(Tenant(tenant), Actor(api.actor_id, api.actor_kind), runtime.clock, work, request)
        open_tenant(opened, tenant, context.now)
        return run(RunChecks.model_validate(body or {}), context)
