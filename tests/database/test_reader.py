"""Functions that only read sign in as a role that cannot write: every reading operation works with it, nothing more."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import errors
from psycopg.rows import namedtuple_row

from bigledger.kernel import Operation
from bigledger.kernel.migrations.support import APPLICATION, DISPATCHER, READER
from tests.platform.callers import authorize
from tests.structure.requests import request
from tests.structure.sources import function_files
from tests.structure.test_operations import call, caller, name
from tests.support.api import find
from tests.support.database import plain_url
from tests.support.sql import columns, tables
from tests.support.world import World

pytestmark = pytest.mark.one_driver  # of Postgres alone

READING = [
    found
    for path in function_files()
    if isinstance(found := find(f"{path.parent.name}.{path.stem}"), Operation) and not found.writes
]


def reader_url() -> str:
    """The database as the reader sees it."""
    return plain_url().replace(f"{APPLICATION}@", f"{READER}@")


@pytest.fixture
def as_reader(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions of this test sign in as the reader, as the templates have it for those that read."""
    monkeypatch.setenv("DATABASE_URL", reader_url())


@pytest.fixture
def reader(world: World) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the reader's, within the tenant."""
    with psycopg.connect(reader_url(), row_factory=namedtuple_row) as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, true)", [str(world.api.tenant_id)])
        yield connection
        connection.rollback()


@pytest.mark.parametrize("operation", READING, ids=name)
def test_a_reading_operation_answers_the_same(
    operation: Operation[Any, Any], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = request(name(operation), world)
    expected = call(caller(world, operation), operation, made).expect(200)
    monkeypatch.setenv("DATABASE_URL", reader_url())
    answer = call(caller(world, operation), operation, made).expect(200)
    assert answer.json == expected.json


def test_there_are_reading_operations() -> None:
    assert len(READING) >= 20


def test_the_authorizer_only_reads(world: World, as_reader: None) -> None:
    told = authorize(f"Bearer {world.key['api_key']}")
    assert (told["tenant_id"], told["actor_id"]) == (str(world.api.tenant_id), world.key["id"])


def test_a_writing_operation_gets_nowhere_with_it(world: World, as_reader: None) -> None:
    before = world.api.counts()
    refused = call(world.api, find("create_role"), request("platform.create_role", world), kept=True)
    assert refused.expect(500)["code"] == "internal_error"
    assert world.api.counts() == before


def test_it_reads_one_tenant_at_a_time(reader: psycopg.Connection[Any], world: World) -> None:
    found = {table: _tenants(reader, table) for table in tables(reader)}
    own = str(world.api.tenant_id)
    assert {table: seen for table, seen in found.items() if seen not in ([own], [])} == {}
    assert found["kernel.document"] == found["ledger.journal_line"] == [own]
    reader.rollback()
    assert {table: _tenants(reader, table) for table in tables(reader)} == {table: [] for table in found}


def _tenants(connection: psycopg.Connection[Any], table: str) -> list[Any]:
    return [str(row.tenant_id) for row in connection.execute(f"SELECT DISTINCT tenant_id FROM {table}")]


def test_it_writes_nowhere(reader: psycopg.Connection[Any]) -> None:
    for table in tables(reader):
        names = ", ".join(columns(reader, table))
        for statement in (
            f"INSERT INTO {table} ({names}) SELECT {names} FROM {table}",
            f"UPDATE {table} SET tenant_id = tenant_id",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
            f"SELECT 1 FROM {table} FOR UPDATE",
        ):
            with pytest.raises(errors.InsufficientPrivilege), reader.transaction():
                reader.execute(statement)


def test_it_owns_nothing_and_bypasses_nothing(reader: psycopg.Connection[Any]) -> None:
    row = reader.execute("SELECT * FROM pg_roles WHERE rolname = %s", [READER]).fetchone()
    powers = (row.rolsuper, row.rolbypassrls, row.rolcreatedb, row.rolcreaterole, row.rolreplication)
    assert powers == (False,) * 5
    may = reader.execute(
        "SELECT (SELECT count(*) FROM pg_class WHERE relowner = %(role)s::regrole) AS tables,"
        " (SELECT count(*) FROM pg_proc WHERE proowner = %(role)s::regrole) AS functions,"
        " (SELECT count(*) FROM pg_namespace WHERE has_schema_privilege(%(role)s, oid, 'CREATE')) AS schemas,"
        " (SELECT count(*) FROM pg_auth_members WHERE member = %(role)s::regrole) AS memberships",
        {"role": READER},
    ).fetchone()
    assert tuple(may) == (0, 0, 0, 0)


@pytest.mark.parametrize("role", [APPLICATION, READER, DISPATCHER])
def test_the_note_of_releases_is_only_read(world: World, owner_url: str, role: str) -> None:
    """A function that could change it could make a deployment believe anything."""
    with psycopg.connect(owner_url) as connection:
        (may,) = connection.execute(
            "SELECT array_agg(p) FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p"
            " WHERE has_table_privilege(%s, 'kernel.release', p)",
            [role],
        ).fetchone()
    assert may == ["SELECT"]


def test_a_table_that_comes_later_is_open_to_it_too(world: World, owner_url: str) -> None:
    with psycopg.connect(owner_url) as owner:
        owner.execute("CREATE SCHEMA later")
        owner.execute("CREATE TABLE later.thing (tenant_id uuid)")
        (may,) = owner.execute(f"SELECT has_table_privilege('{READER}', 'later.thing', 'SELECT')").fetchone()
        (enter,) = owner.execute(f"SELECT has_schema_privilege('{READER}', 'later', 'USAGE')").fetchone()
        (write,) = owner.execute(f"SELECT has_table_privilege('{READER}', 'later.thing', 'INSERT')").fetchone()
        owner.rollback()
    assert (may, enter, write) == (True, True, False)
