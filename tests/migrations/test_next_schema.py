"""The code of a release works on the schema of the next one: its functions run on it while that one is deployed.

Every kind of change that an expand revision may make (see test_revisions) is made to every table; then this release
does its day's work there. So whatever the next release really brings, its revisions being checked to expand only, the
functions of this one go on.
"""

from typing import Any

import psycopg
import pytest

from bigledger.kernel import Operation
from bigledger.kernel.deployment import QUESTION
from tests.scenarios.test_approvals import test_approvals
from tests.scenarios.test_order_to_cash import test_order_to_cash
from tests.scenarios.test_two_jurisdictions import test_two_jurisdictions
from tests.structure.requests import request
from tests.structure.sources import function_files
from tests.structure.test_operations import call, caller, name
from tests.support.api import Api, find
from tests.support.sql import by_hand, tables
from tests.support.world import World, make_tenant, world_clock

__all__ = ["test_approvals", "test_order_to_cash", "test_two_jurisdictions"]

OPERATIONS = [
    found for path in function_files() if isinstance(found := find(f"{path.parent.name}.{path.stem}"), Operation)
]


@pytest.fixture(scope="module")
def world(owner_url: str) -> Any:
    """A tenant with everything in it, made on the next schema."""
    with world_clock():
        yield World(make_tenant("Confidential"))


def test_every_table_is_as_the_next_release_has_it(owner_url: str) -> None:
    with by_hand(None, owner_url) as connection:
        found = [table for table in tables(connection) if not table.startswith("planted.")]
        added = connection.execute(
            "SELECT replace(attrelid::regclass::text, chr(34), '') AS name FROM pg_attribute"
            " WHERE attname = 'planted_amount'"
        ).fetchall()
    assert {row.name for row in added} == set(found)
    assert len(found) > 20


@pytest.mark.parametrize("operation", OPERATIONS, ids=name)
def test_every_operation_answers(operation: Operation[Any, Any], world: World) -> None:
    call(caller(world, operation), operation, request(name(operation), world)).expect(200)


def test_what_this_release_writes_has_the_next_ones_defaults(world: World) -> None:
    (row,) = world.api.rows(
        "SELECT count(*) AS rows, count(*) FILTER (WHERE planted_note IS NULL AND planted_amount = 0) AS given"
        " FROM ledger.journal_line"
    )
    assert row.rows == row.given > 10


def test_the_functions_of_this_release_say_that_they_are_ready(api: Api) -> None:
    """A deployment that is taken back meets the new schema."""
    for function in ("receivables.create_invoice", "receivables.get_invoice", "events.relay_events"):
        assert find(function)(QUESTION, None) == {"release": "0.1.0", "ready": True}


def test_the_next_release_was_noted(owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        found = connection.execute("SELECT version, revisions ? 'next_0001' FROM kernel.release ORDER BY 1").fetchall()
    assert found == [("0.1.0", False), ("0.2.0", True)]
