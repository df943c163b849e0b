"""A database as the next release will have it, beside the worker's own."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bigledger.kernel.migrations.upgrade import upgrade
from tests.migrations import planted
from tests.support import database
from tests.support.sql import by_hand, tables

_names = iter(range(1000))


@pytest.fixture
def empty(admin_url: str) -> str:
    """The owner's URL of an empty database that nobody else uses."""
    return _database(admin_url)


@pytest.fixture
def migrated(admin_url: str) -> str:
    """The owner's URL of a database as this release has it, that nobody else uses."""
    return _database(admin_url, f"TEMPLATE {database.TEMPLATE}")


def _database(admin_url: str, options: str = "") -> str:
    name = f"fresh_{os.getpid()}_{next(_names)}"
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER bigledger_owner {options}")
    return database.url(admin_url, name, "bigledger_owner")


@pytest.fixture(scope="module")
def owner_url(admin_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database that the next release has migrated, which the environment names for the tests of a module."""
    names = ("DATABASE_URL", "DISPATCHER_DATABASE_URL")
    environment = {name: os.environ.get(name) for name in names}
    plain = dict(database._plain)
    url = database.make_database(admin_url, f"next_{os.getpid()}_{next(_names)}")
    upgrade(url, [next_release(url, tmp_path_factory.mktemp("next"))], "0.2.0")
    yield url
    database._plain.clear()
    database._plain.update(plain)
    for name, value in environment.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def next_release(url: str, folder: Path) -> Path:
    """The folder of a revision that expands every table that there is now."""
    with by_hand(None, url) as connection:
        found = tables(connection)
    return planted.revision(folder, planted.NEXT, planted.expanding(found))
