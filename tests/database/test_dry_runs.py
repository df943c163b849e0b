"""A dry run of whatever writes: not a row of the database differs afterwards, and it foretells the live call exactly.

Each operation has a copy of one database to itself, and its live call the clock of its dry run over again, so that
every id and instant must be as it was told.
"""

import itertools
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from bigledger.kernel import Operation, database, runtime
from bigledger.kernel.clock import seeded_clock
from bigledger.kernel.configuration import _cache as known_set_ups
from bigledger.kernel.wire import secret_fields
from tests.structure.requests import Call, request
from tests.structure.sources import function_files
from tests.structure.test_operations import OPERATORS, name
from tests.support.api import Api, Response, find, send
from tests.support.database import drop_database, elsewhere, left_by_everyone, make_database, url
from tests.support.integrity import sound
from tests.support.world import OPERATOR, World, make_tenant, world_clock

pytestmark = pytest.mark.one_driver  # what is written is the same

READING = {"integrity.run_checks", "tax.quote_tax"}
"""What is asked by POST and writes nothing, so that live and dry it answers the same."""

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

_copies = itertools.count(1)

writing = pytest.mark.parametrize(
    "operation",
    [
        found
        for path in function_files()
        if isinstance(found := find(f"{path.parent.name}.{path.stem}"), Operation) and found.writes
    ],
    ids=name,
)


@pytest.fixture(scope="module")
def original(admin_url: str, owner_url: str) -> Iterator[tuple[str, World]]:
    """A database of its own with one tenant in it that has everything, and the name of that database."""
    made = f"original_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with elsewhere():
        make_database(admin_url, made)
        with world_clock():
            world = World(make_tenant("World"))
        sound(world.api)
        database.engine().dispose()
        yield made, world
    drop_database(admin_url, made)


@pytest.fixture
def world(original: tuple[str, World], admin_url: str) -> Iterator[World]:
    """The tenant in a copy of its database that only this test has."""
    template, found = original
    copy = f"{template}_{next(_copies)}"
    left_by_everyone(admin_url, template)
    before = runtime.clock
    with elsewhere():
        make_database(admin_url, copy, template)
        known_set_ups.clear()  # what another copy's set-up was
        yield replaced(found)
        database.engine().dispose()
    runtime.clock = before
    known_set_ups.clear()
    drop_database(admin_url, copy)


def replaced(world: World) -> World:
    """The same world, whose client counts its requests from the beginning."""
    world.api = replace(world.api, requests=0)
    return world


def dump(admin_url: str) -> dict[str, list[str]]:
    """Every row of every table of the database, of all tenants, as text."""
    name = os.environ["DATABASE_URL"].partition("?")[0].rpartition("/")[2]
    with psycopg.connect(url(admin_url, name, "postgres")) as connection:
        tables = connection.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p', 'm', 'S') AND n.nspname !~ '^(pg_|information_schema$)'"
        ).fetchall()
        return {
            table: [row for (row,) in connection.execute(f"SELECT t::text FROM {table} t ORDER BY 1").fetchall()]
            for (table,) in tables
        }


def call(api: Api, operation: Operation[Any, Any], made: Call, dry: bool) -> Response:
    """The answer to the request at noon."""
    runtime.clock = seeded_clock(12, NOON)
    event = api.event(
        operation,
        made.body,
        path=made.path,
        query=dict(made.query) | ({"dry_run": "true"} if dry else {}),
        headers=made.headers,
    )
    event["requestContext"]["requestId"] = "request"
    return send(operation, event)


def told(admin_url: str, before: dict[str, list[str]]) -> list[dict[str, Any]]:
    """The events that were recorded since, of all tenants, in their order, as a dry run tells them."""
    name = os.environ["DATABASE_URL"].partition("?")[0].rpartition("/")[2]
    with psycopg.connect(url(admin_url, name, "postgres")) as connection:
        rows = connection.execute(
            "SELECT e::text, type, version, subject_type || '/' || subject_id, data FROM kernel.event e ORDER BY id"
        ).fetchall()
    known = set(before["kernel.event"])
    return [
        {"type": type, "version": version, "subject": subject, "data": data}
        for text, type, version, subject, data in rows
        if text not in known
    ]


@writing
def test_a_dry_run_changes_nothing_and_foretells_what_the_live_call_does(
    operation: Operation[Any, Any], world: World, admin_url: str
) -> None:
    """As often as one likes: it takes no number, no stock, no credit and no idempotency key."""
    made = request(name(operation), world)
    made = replace(made, headers={"Idempotency-Key": "once", **made.headers})
    by = OPERATOR if name(operation) in OPERATORS else world.api
    before = dump(admin_url)
    dry = call(by, operation, made, dry=True).expect(200)
    assert call(by, operation, made, dry=True).text == dry.text
    assert {table for table, rows in dump(admin_url).items() if rows != before[table]} == set()

    live = call(by, operation, made, dry=False).expect(operation.status)
    changed = {table for table, rows in dump(admin_url).items() if rows != before[table]}
    assert changed > {"kernel.idempotency"} or (name(operation) in READING and changed == {"kernel.idempotency"})
    foretold = dry.json
    assert foretold.pop("dry_run") == {"events": told(admin_url, before)}
    once = secret_fields(operation.answer)
    assert foretold == {field: value for field, value in live.json.items() if field not in once}
    assert dry.headers.get("ETag") == live.headers.get("ETag")
    assert "Idempotency-Hit" not in live.headers
    sound(world.api)
