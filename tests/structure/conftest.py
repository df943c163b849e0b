"""What the checks of the structure look at: the database's catalogue, and a tenant with everything in it."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import namedtuple_row

from tests.support.api import Api
from tests.support.world import World, make_tenant, world_clock


@pytest.fixture(scope="module")
def catalogue(owner_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection that reads Postgres's own tables."""
    with psycopg.connect(owner_url, row_factory=namedtuple_row, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def world(owner_url: str) -> Iterator[World]:
    """A tenant with everything in it. The tests of a module share it, so each leaves it as it was."""
    with world_clock():
        yield World(make_tenant("Confidential"))


@pytest.fixture(scope="module")
def stranger(world: World) -> Api:
    """Another tenant's client, who may do everything there."""
    return make_tenant("Stranger")
