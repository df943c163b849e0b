"""Row-level security: whatever SQL a tenant's transaction sends, another tenant's rows are not there for it.

Every table and view is tried, found in the catalogue: one that is added tomorrow is tried tomorrow.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import errors, sql

from tests.support.api import Api
from tests.support.database import plain_url
from tests.support.sql import by_hand, columns, refused, tables
from tests.support.world import World

pytestmark = pytest.mark.one_driver  # of Postgres alone

CHANGEABLE = ("kernel.tenant", "kernel.document", "kernel.number_counter")
"""The tables that the application may update."""


@pytest.fixture(autouse=True)
def _unchanged(world: World, stranger: Api) -> Iterator[None]:
    """Whatever a test here tries: both tenants have the same rows afterwards."""
    before = fingerprint(world.api), fingerprint(stranger)
    yield
    assert (fingerprint(world.api), fingerprint(stranger)) == before


def fingerprint(api: Api) -> dict[str, str]:
    """A digest of the tenant's rows per table."""
    with by_hand(api) as connection:
        return {
            table: connection.execute(
                f"SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) AS digest FROM {table} t"
            )
            .fetchone()
            .digest
            for table in tables(connection)
        }


def every_table(owner_url: str) -> list[str]:
    """The names of all tables and views."""
    with by_hand(None, owner_url) as connection:
        return tables(connection)


def count(api: Api | None, table: str, where: str = "true", parameters: tuple[Any, ...] = ()) -> int:
    """How many rows of a table the application sees for the tenant."""
    with by_hand(api) as connection:
        found = connection.execute(f"SELECT count(*) AS n FROM {table} WHERE {where}", parameters).fetchone()
    return int(found.n)


def test_the_world_has_rows_in_every_table(world: World, owner_url: str) -> None:
    """Otherwise what follows would prove nothing: let tests/support/world.py fill a table that is new."""
    assert [table for table in every_table(owner_url) if count(world.api, table) == 0] == []


def test_another_tenants_rows_cannot_be_read(world: World, stranger: Api, owner_url: str) -> None:
    theirs = {
        table: count(stranger, table, "tenant_id = %s", (world.api.tenant_id,)) for table in every_table(owner_url)
    }
    assert {table: seen for table, seen in theirs.items() if seen} == {}


def test_every_row_that_is_read_is_ones_own(world: World, stranger: Api, owner_url: str) -> None:
    for api in (world.api, stranger):
        foreign = {table: count(api, table, "tenant_id <> %s", (api.tenant_id,)) for table in every_table(owner_url)}
        assert {table: seen for table, seen in foreign.items() if seen} == {}


@pytest.mark.parametrize("tenant", [None, "", "00000000-0000-0000-0000-000000000000"])
def test_outside_of_a_tenants_transaction_there_are_no_rows(world: World, owner_url: str, tenant: str | None) -> None:
    """After a transaction the setting is '' and not null; both mean nobody."""
    with by_hand(None) as connection:
        if tenant is not None:
            connection.execute("SELECT set_config('app.tenant_id', %s, true)", [tenant])
        for table in tables(connection):
            assert connection.execute(f"SELECT count(*) AS n FROM {table}").fetchone().n == 0, table


def test_the_setting_ends_with_its_transaction(world: World) -> None:
    with by_hand(world.api) as connection:
        assert connection.execute("SELECT count(*) AS n FROM kernel.tenant").fetchone().n == 1
        connection.commit()
        assert connection.execute("SELECT count(*) AS n FROM kernel.tenant").fetchone().n == 0


def test_a_tenant_that_is_no_uuid_reads_nothing(world: World) -> None:
    with by_hand(None) as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, true)", ["' OR true --"])
        with pytest.raises(errors.InvalidTextRepresentation):
            connection.execute("SELECT count(*) FROM kernel.tenant")


def test_even_the_owner_sees_only_the_tenant_it_names(world: World, stranger: Api, owner_url: str) -> None:
    for table in every_table(owner_url):
        with by_hand(stranger, owner_url) as connection:
            found = connection.execute(
                f"SELECT count(*) AS n FROM {table} WHERE tenant_id = %s", [world.api.tenant_id]
            ).fetchone()
        assert found.n == 0, table


def test_no_row_can_be_written_for_another_tenant(world: World, stranger: Api, owner_url: str) -> None:
    """A row of theirs is copied as it is: what the application may write refuses by policy, the rest by grant."""
    by_policy = set()
    for table in every_table(owner_url):
        with by_hand(world.api) as connection:
            (row,) = connection.execute(f"SELECT to_jsonb(t)::text FROM {table} t LIMIT 1").fetchone()
            names = ", ".join(columns(connection, table))
        copy = f"INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_record(NULL::{table}, %s::jsonb)"
        told = str(refused(stranger, errors.InsufficientPrivilege, copy, [row]))
        name = table.partition(".")[2]
        if f'new row violates row-level security policy for table "{name}"' in told:
            by_policy.add(table)
        else:
            assert f"permission denied for table {name}" in told
    with by_hand(None) as connection:
        written = connection.execute(
            "SELECT name FROM unnest(%s::text[]) AS name WHERE has_table_privilege(name, 'INSERT')",
            [every_table(owner_url)],
        ).fetchall()
    assert by_policy == {row.name for row in written}


def test_no_row_of_another_tenant_can_be_changed(world: World, stranger: Api, owner_url: str) -> None:
    for table in every_table(owner_url):
        update = f"UPDATE {table} SET tenant_id = tenant_id WHERE tenant_id = %s"
        if table in CHANGEABLE:
            with by_hand(stranger) as connection:
                assert connection.execute(update, [world.api.tenant_id]).rowcount == 0, table
        else:
            refused(stranger, errors.InsufficientPrivilege, update, [world.api.tenant_id])


@pytest.mark.parametrize("table", CHANGEABLE)
def test_no_row_of_ones_own_can_be_given_away(world: World, stranger: Api, table: str) -> None:
    error = refused(
        world.api,
        (errors.InsufficientPrivilege, errors.CheckViolation),  # type: ignore[arg-type]
        f"UPDATE {table} SET tenant_id = %s",
        [stranger.tenant_id],
    )
    assert error.sqlstate in {"42501", "23514"}


@pytest.mark.parametrize(
    "statement", ["DELETE FROM {}", "DELETE FROM {} WHERE false", "TRUNCATE {}", "TRUNCATE {} CASCADE"]
)
def test_nothing_can_be_deleted_not_even_ones_own(world: World, owner_url: str, statement: str) -> None:
    for table in every_table(owner_url):
        with by_hand(world.api) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute(statement.format(table))


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE kernel.document DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE kernel.document NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY tenant ON kernel.document",
        "CREATE POLICY open ON kernel.document USING (true)",
        "DROP TABLE kernel.document CASCADE",
        "ALTER TABLE kernel.event DISABLE TRIGGER ALL",
        "DROP TRIGGER guard ON kernel.document",
        "CREATE OR REPLACE FUNCTION kernel.guard_document() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
        "SET ROLE bigledger_owner",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION bigledger_owner",
        "SET session_replication_role = replica",
        "ALTER ROLE bigledger_application BYPASSRLS",
        "GRANT bigledger_owner TO bigledger_application",
        "CREATE TABLE public.mine (id integer)",
        "CREATE SCHEMA mine",
        "CREATE EXTENSION dblink",
        "COPY kernel.document TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/passwd')",
    ],
)
def test_the_application_cannot_open_the_door(world: World, statement: str) -> None:
    with pytest.raises((errors.InsufficientPrivilege, errors.FeatureNotSupported)), by_hand(world.api) as connection:
        connection.execute(statement)


def test_row_security_cannot_be_switched_off_by_a_setting(world: World, stranger: Api) -> None:
    """With the setting off a statement that a policy would filter fails, instead of showing everything."""
    with by_hand(stranger) as connection:
        connection.execute("SET LOCAL row_security = off")
        with pytest.raises(errors.InsufficientPrivilege, match="query would be affected by row-level security"):
            connection.execute("SELECT * FROM kernel.document")


def test_a_foreign_key_does_not_tell_whether_another_tenant_has_an_id(world: World, stranger: Api) -> None:
    """An id of theirs and an id of nobody are refused alike, by the same constraint."""
    told = []
    for target in (world.issued["id"], "019b772d-0e3b-7000-8000-000000000000"):
        link = "INSERT INTO kernel.document_link (from_id, to_id, kind) VALUES (%s, %s, 'led')"
        error = refused(stranger, errors.ForeignKeyViolation, link, [target, target])
        told.append((error.diag.constraint_name, str(error).replace(target, "?").replace(str(stranger.tenant_id), "?")))
    assert told[0] == told[1]


def test_a_number_another_tenant_has_is_free_for_this_one(world: World, stranger: Api) -> None:
    insert = (
        "INSERT INTO kernel.document (id, type, number, status, data, version, sequence, created_by, updated_by)"
        " VALUES (%s, 'invoice', %s, 'issued', '{}', 1, 0, 'x', 'x')"
    )
    with by_hand(stranger) as connection:
        connection.execute(insert, [world.issued["id"], world.issued["number"]])
        assert connection.execute("SELECT count(*) AS n FROM kernel.document WHERE type = 'invoice'").fetchone().n == 1
        connection.rollback()


def test_the_dispatcher_reads_nothing_but_what_it_publishes_or_forgets_and_the_list_of_tenants(owner_url: str) -> None:
    readable = set()
    for table in every_table(owner_url):
        with by_hand(None, plain_url("DISPATCHER_DATABASE_URL")) as connection:
            try:
                connection.execute(sql.SQL("SELECT FROM {}").format(sql.Identifier(*table.split("."))))
            except errors.InsufficientPrivilege:
                connection.rollback()
            else:
                readable.add(table)
    assert readable == {"kernel.event", "kernel.idempotency", "kernel.outbox", "kernel.tenant"}


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO kernel.event SELECT * FROM kernel.event LIMIT 1",
        "UPDATE kernel.event SET type = 'x'",
        "DELETE FROM kernel.event",
        "INSERT INTO kernel.idempotency SELECT * FROM kernel.idempotency LIMIT 1",
        "UPDATE kernel.idempotency SET body = ''",
        "INSERT INTO kernel.outbox SELECT * FROM kernel.outbox LIMIT 1",
        "UPDATE kernel.tenant SET status = 'active'",
        "DELETE FROM kernel.tenant",
    ],
)
def test_the_dispatcher_changes_nothing_but_by_publishing_and_forgetting(world: World, statement: str) -> None:
    refused(None, errors.InsufficientPrivilege, statement, url=plain_url("DISPATCHER_DATABASE_URL"))
