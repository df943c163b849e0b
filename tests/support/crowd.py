"""A database with so many rows that Postgres chooses its plans as it does in real life."""

from math import ceil
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row

from bigledger.kernel.configuration import configuration_model
from tests.support.sql import columns, tables
from tests.support.world import World

COPIES = 400
"""So many more times a tenant's day is lived through, with other ids and on other days."""

NEIGHBOURS = 3
"""So many other tenants have lived through as many days."""

FEW = 3000
"""A table with fewer rows gets those of tenants with a single day; in real life there are many of them."""

_FEW_OF_A_TENANT = {"role"}
"""Types of documents besides the set-up of which a tenant has some dozens, whatever its size."""

_DAYS = {"date", "due_date", "effective_date", "recorded_at", "created_at", "posted_at"}


def crowd(url: str, world: World) -> dict[str, int]:
    """Multiply the rows of a world, as the superuser of a URL; answers how many each table has then.

    A tenant's set-up is there once. References between rows that are copied lead to copies, and what triggers would
    make of the rows is copied like the rest. Postgres has looked at the result, as autovacuum would.
    """
    own = world.api.tenant_id
    with psycopg.connect(url, row_factory=namedtuple_row, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        made = connection.execute("SELECT gen_random_uuid() AS id FROM generate_series(1, %s)", [NEIGHBOURS + FEW])
        tenants = [row.id for row in made]
        documents = connection.execute("SELECT id, type FROM kernel.document WHERE tenant_id = %s", [own]).fetchall()
        set_up = [row.id for row in documents if configuration_model(row.type) or row.type in _FEW_OF_A_TENANT]
        for table in tables(connection):
            copying = _copying(connection, table)

            def copy(given: list[UUID], first: int, last: int, sql: str = copying) -> None:
                connection.execute(sql, {"own": own, "set_up": set_up, "tenants": given, "first": first, "last": last})

            counting = f"SELECT count(*) AS n FROM {table} WHERE tenant_id = ANY(%s)"
            (day,) = connection.execute(counting, [[own]])
            copy(tenants[:NEIGHBOURS], 0, COPIES)
            (neighbours,) = connection.execute(counting, [tenants[:NEIGHBOURS]])
            copy(tenants[NEIGHBOURS:][: ceil(max(0, FEW - neighbours.n) / max(1, day.n))], 0, 0)
            copy([own], 1, COPIES)
        connection.execute("ANALYZE")
        counting = (f"SELECT '{table}' AS name, count(*) AS n FROM {table}" for table in tables(connection))
        return {row.name: row.n for row in connection.execute(" UNION ALL ".join(counting))}


def _copying(connection: psycopg.Connection[Any], table: str) -> str:
    """The statement that copies a table's rows of the tenant to some tenants, so many times."""
    described = connection.execute(
        "SELECT attname, atttypid::regtype::text AS type FROM pg_attribute WHERE attrelid = %s::regclass", [table]
    )
    types = {row.attname: row.type for row in described}
    names = [name for name in columns(connection, table) if name != "tenant_id"]
    values = [_copied(table, name, types[name]) for name in names]
    return (
        f"INSERT INTO {table} ({', '.join(['tenant_id', *names])}) SELECT {', '.join(['tenant', *values])}"
        f" FROM {table} t, unnest(%(tenants)s::uuid[]) AS tenant,"
        " generate_series(%(first)s::integer, %(last)s::integer) AS copy"
        " WHERE t.tenant_id = %(own)s ON CONFLICT DO NOTHING"
    )


def _copied(table: str, name: str, type: str) -> str:
    """A column's value in a copy; a row that has no id but those of the set-up comes out the same, and is left out."""
    if type == "uuid":
        day = f"CASE WHEN t.{name} = ANY(%(set_up)s) THEN 0 ELSE copy END"
        return (
            f"CASE WHEN t.{name} IS NULL OR (tenant = t.tenant_id AND {day} = 0) THEN t.{name}"
            f" ELSE md5(concat(t.{name}, tenant, {day}))::uuid END"
        )
    if (table, name) in {("kernel.document", "number"), ("kernel.idempotency", "key")}:
        return f"t.{name} || CASE copy WHEN 0 THEN '' ELSE '~' || copy END"
    if name in _DAYS:
        return f"cast(t.{name} - copy * interval '1 day' AS {type})"
    return f"t.{name}"
