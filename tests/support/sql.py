"""SQL written by hand, as any of the database's roles, within a tenant's transaction or outside of any."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.rows import namedtuple_row

from tests.support.api import Api
from tests.support.database import plain_url

Connection = psycopg.Connection[Any]


@contextmanager
def by_hand(api: Api | None, url: str | None = None) -> Iterator[Connection]:
    """A transaction of the tenant as the application, unless another role's URL is given; it commits at the end."""
    with psycopg.connect(url or plain_url(), row_factory=namedtuple_row) as connection:
        if api is not None:
            connection.execute("SELECT set_config('app.tenant_id', %s, true)", [str(api.tenant_id)])
        yield connection


def refused(
    api: Api | None, kind: type[psycopg.Error], sql: str, parameters: Sequence[Any] = (), url: str | None = None
) -> psycopg.Error:
    """Why the database refuses a statement: the error, after which the tenant's rows are what they were."""
    before = api.counts() if api is not None else None
    with pytest.raises(kind) as caught, by_hand(api, url) as connection:
        connection.execute(sql, parameters)
    assert before is None or (api is not None and api.counts() == before)
    return caught.value


def constraint(error: psycopg.Error) -> str | None:
    """The name of the constraint that was violated."""
    return error.diag.constraint_name


def tables(connection: Connection) -> list[str]:
    """Every table and view that holds rows of tenants, by name."""
    rows = connection.execute(
        "SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^(pg_|information_schema$)'"
        " AND n.nspname || '.' || c.relname NOT IN ('public.migration', 'kernel.release') ORDER BY 1"
    ).fetchall()
    return [row.name for row in rows]


def columns(connection: Connection, table: str) -> list[str]:
    """The columns of a table that a row can be written with."""
    rows = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' ORDER BY attnum",
        [table],
    ).fetchall()
    return [row.attname for row in rows]
