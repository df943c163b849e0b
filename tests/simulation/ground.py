"""Where simulations happen: a database of their own, shops that are set up in it, and any number of copies of them."""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Engine, event

from bigledger.kernel import runtime
from bigledger.kernel.clock import seeded_clock
from bigledger.kernel.configuration import _cache
from bigledger.kernel.database import Role, engine
from tests.support import database
from tests.support.api import Api, operator_client
from tests.support.shop import Shop

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""When every simulation begins."""

OPENED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
"""When the shops were set up."""

_ROLES: tuple[Role, ...] = ("application", "dispatcher")

_KEPT = ("kernel.outbox",)
"""What a copy begins without: the events of the setting up were told."""


class Ground:
    """The database and its shops; ``shops`` sets each up and answers its tenant."""

    def __init__(self, admin_url: str, name: str, shops: Mapping[str, Callable[[], UUID]]) -> None:
        self._admin_url, self._name = admin_url, name
        database.make_database(admin_url, name)
        self._connection = psycopg.connect(database.url(admin_url, name, "postgres"), autocommit=True)
        self._copies = 0
        for role in _ROLES:
            _economical(engine(role))
        self.shops = {shop: set_up() for shop, set_up in shops.items()}
        self._set_ups = {shop: _cache.get(tenant) for shop, tenant in self.shops.items()}
        self._connection.execute("DELETE FROM kernel.outbox")
        self._connection.execute("UPDATE kernel.tenant SET status = 'suspended'")
        self._connection.execute("SET session_replication_role = replica")
        self._tables = self._tenant_tables()
        self._make_copy_function()
        self._given = {shop: set(self._rows(tenant)) for shop, tenant in self.shops.items()}

    def close(self) -> None:
        """Remove the database."""
        for role in _ROLES:
            engine(role).dispose()
        self._connection.close()
        with psycopg.connect(self._admin_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {self._name} WITH (FORCE)")

    def copy(self, shop: str) -> Api:
        """A new tenant that is exactly as a shop was set up, ids included; the only active one."""
        self._copies += 1
        tenant = UUID(int=self._copies << 80 | 0x7 << 76 | 0b10 << 62)
        self._connection.execute("SELECT simulation.copy(%s, %s)", [self.shops[shop], tenant])
        # Its set-up has the same ids, so what was read of the shop's is what would be read of the copy's. It is kept
        # here and not looked for among a worker's: a seed has to play alike whatever the worker did before.
        kept = self._set_ups[shop]
        if kept is not None:
            _cache[tenant] = kept
        return Api(tenant)

    def rows(self, api: Api, shop: str) -> list[str]:
        """What is in the tenant's tables that the shop did not begin with, as JSON texts with the table's name."""
        assert api.tenant_id is not None
        return sorted(set(self._rows(api.tenant_id)) - self._given[shop])

    def waiting(self) -> int:
        """How many events wait in the outbox."""
        row = self._connection.execute("SELECT count(*) FROM kernel.outbox").fetchone()
        assert row is not None
        return int(row[0])

    def _rows(self, tenant: UUID) -> list[str]:
        return [row[0] for row in self._connection.execute("SELECT simulation.rows(%s)", [tenant])]

    def _tenant_tables(self) -> dict[str, list[str]]:
        """The columns of every table of tenants besides the tenant itself, those left out that Postgres works out."""
        found: dict[str, list[str]] = {}
        for table, column in self._connection.execute("""
            SELECT c.table_schema || '.' || c.table_name, c.column_name
            FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
            WHERE t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER' AND c.column_name <> 'tenant_id'
              AND (c.table_schema, c.table_name) IN (
                  SELECT table_schema, table_name FROM information_schema.columns WHERE column_name = 'tenant_id')
            ORDER BY 1, c.ordinal_position
        """):
            found.setdefault(table, []).append(column)
        return found

    def _make_copy_function(self) -> None:
        copied = ";\n".join(
            f"INSERT INTO {table} (tenant_id, {', '.join(columns)})"
            f" SELECT copy, {', '.join(columns)} FROM {table} WHERE tenant_id = original"
            for table, columns in self._tables.items()
            if table not in _KEPT
        )
        # What a transaction was counted as is no part of what it did.
        told = " UNION ALL ".join(
            f"SELECT jsonb_build_array('{table}', to_jsonb(t) - 'tenant_id' - 'transaction_id')::text"
            f" FROM {table} t WHERE tenant_id = asked {_since(columns)}"
            for table, columns in self._tables.items()
        )
        self._connection.execute(f"""
            CREATE SCHEMA simulation;
            CREATE FUNCTION simulation.copy(original uuid, copy uuid) RETURNS void LANGUAGE plpgsql AS $$
            BEGIN
                UPDATE kernel.tenant SET status = 'suspended' WHERE status = 'active';
                -- What a simulation that failed has left to be told is not told in the next one.
                DELETE FROM kernel.outbox;
                {copied};
                UPDATE kernel.event SET subject_id = copy WHERE tenant_id = copy AND subject_id = original;
                UPDATE kernel.tenant SET status = 'active' WHERE tenant_id = copy;
            END $$;
            CREATE FUNCTION simulation.rows(asked uuid) RETURNS SETOF text LANGUAGE plpgsql AS $$
            BEGIN RETURN QUERY {told}; END $$;
        """)


def _economical(engine: Engine) -> None:
    """The connection used last is used first and prepares what it is asked: it has been asked it before."""
    engine.pool._pool.use_lifo = True  # type: ignore[attr-defined]

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        connection.prepare_threshold = 1
        connection.prepared_max = 500
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.commit()


def _since(columns: list[str]) -> str:
    """The condition that leaves out what was written, and not changed, before the simulation."""
    instant = next((column for column in ("updated_at", "recorded_at", "created_at") if column in columns), None)
    return "" if instant is None else f"AND {instant} >= '{START.isoformat()}'"


def _shop(name: str, seed: int, **policies: str) -> UUID:
    """Set up a shop: customers with and without a credit limit, products in stock, a rule that asks for approvals."""
    clock, runtime.clock = runtime.clock, seeded_clock(seed, OPENED)
    try:
        company = {"currency": "USD", "jurisdiction": "US-CA"}
        made = operator_client().call("create_tenant", {"name": name, "company": company}).expect(201)
        api = Api(UUID(made["id"]))
        Shop(api)
        api.record("customers", code="CUST003", name="Corner Shop", jurisdiction="US-CA", credit_limit="1500.00")
        api.record("approval-rules", code="LARGE", name="Large invoices", condition="document.total > 2000.00")
        path = {"resource": "companies", "id": "MAIN"}
        api.call("update_record", {"policies": policies}, path=path, headers={"If-Match": "*"}).expect(200)
        api.call("get_kpis").expect(200)
        assert api.tenant_id is not None
        return api.tenant_id
    finally:
        runtime.clock = clock


SHOPS: Mapping[str, Callable[[], UUID]] = {
    "strict": partial(_shop, "strict", 1),
    "lenient": partial(_shop, "lenient", 2, over_credit_limit="approve", stock_shortage="backorder"),
}
"""The shops by name: one refuses what passes a limit, one asks for an approval and delivers what is short later."""


@contextmanager
def ground(admin_url: str, name: str, shops: Mapping[str, Callable[[], UUID]] = SHOPS) -> Iterator[Ground]:
    """A ground that the environment names while the block lasts; nothing of it is logged."""
    names = ("DATABASE_URL", "DISPATCHER_DATABASE_URL", "POWERTOOLS_METRICS_DISABLED")
    before: dict[str, Any] = {variable: os.environ.get(variable) for variable in names}
    plain = dict(database._plain)
    os.environ["POWERTOOLS_METRICS_DISABLED"] = "true"
    logging.disable(logging.CRITICAL)
    try:
        made = Ground(admin_url, name, shops)
        try:
            yield made
        finally:
            made.close()
    finally:
        logging.disable(logging.NOTSET)
        database._plain.clear()
        database._plain.update(plain)
        for variable, value in before.items():
            if value is None:
                os.environ.pop(variable, None)
            else:
                os.environ[variable] = value
