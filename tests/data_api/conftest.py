"""A served Data API, a client of it, a database of its own to try things in, and the kernel connected through it."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache, partial
from typing import Any

import psycopg
import pytest

from bigledger.kernel import data_api, database
from devtools.local.rds_data import Cluster
from devtools.local.rds_data_server import DataApiServer
from tests.data_api.scratch import ARN, MAKE_SERVICE, Client, Serve, Through
from tests.support.data_api import APPLICATION, DISPATCHER, variables
from tests.support.database import url as plain_url

_TABLES = """
    CREATE TYPE mood AS ENUM ('calm', 'busy');
    CREATE TABLE item (
        id integer PRIMARY KEY,
        name text,
        amount numeric(12, 2) CONSTRAINT amount_not_negative CHECK (amount >= 0),
        owner integer CONSTRAINT item_owner REFERENCES item DEFERRABLE INITIALLY IMMEDIATE,
        CONSTRAINT one_owner UNIQUE (name, owner));
    GRANT ALL ON item TO bigledger_application;
"""


@pytest.fixture(scope="session")
def scratch(admin_url: str) -> str:
    """The name of a database with an empty table ``item``."""
    name = f"data_api_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    with psycopg.connect(plain_url(admin_url, name, "postgres"), autocommit=True) as connection:
        connection.execute(_TABLES)
    return name


@pytest.fixture
def by_hand(admin_url: str, scratch: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the application's role to the scratch database, without the Data API; the table is emptied."""
    with psycopg.connect(plain_url(admin_url, scratch, "bigledger_application"), autocommit=True) as connection:
        connection.execute("TRUNCATE item")
        yield connection


@pytest.fixture(scope="session")
def serve(admin_url: str, scratch: str) -> Iterator[Serve]:
    """Serves the Data API over the run's server, with settings of a test's own."""
    serving: list[DataApiServer] = []
    secrets = {
        arn: plain_url(admin_url, "postgres", f"bigledger_{role}")
        for arn, role in ((APPLICATION, "application"), (DISPATCHER, "dispatcher"))
    }

    def start(**settings: Any) -> DataApiServer:
        serving.append(DataApiServer(Cluster(ARN, secrets, **settings)).start())
        return serving[-1]

    yield start
    for server in serving:
        server.stop()


@pytest.fixture(scope="session")
def server(serve: Serve) -> DataApiServer:
    """The Data API with the settings that AWS has."""
    return serve()


@pytest.fixture
def client(server: DataApiServer, scratch: str, by_hand: Any) -> Client:
    """A client of the Data API; the table is empty."""
    return Client(server.url, scratch)


@lru_cache
def service(server: DataApiServer) -> data_api.Service:
    """The kernel's client of a server, made as a process makes its only one; making one takes a while."""
    return MAKE_SERVICE()


@pytest.fixture
def through(monkeypatch: pytest.MonkeyPatch) -> Iterator[Through]:
    """Connects the kernel to a database through a server's Data API."""

    @contextmanager
    def connected(server: DataApiServer, name: str) -> Iterator[None]:
        for variable, value in variables(server).items():
            monkeypatch.setenv(variable, value)
        monkeypatch.setattr(data_api, "_service", partial(service, server))
        database._engine.cache_clear()
        place = f"postgresql+auroradataapi://:@/{name}?aurora_cluster_arn={ARN}&secret_arn="
        monkeypatch.setenv("DATABASE_URL", place + APPLICATION)
        monkeypatch.setenv("DISPATCHER_DATABASE_URL", place + DISPATCHER)
        yield

    yield connected
    monkeypatch.undo()
    database._engine.cache_clear()


@pytest.fixture
def connected(through: Through, server: DataApiServer, scratch: str, by_hand: Any) -> Iterator[DataApiServer]:
    """The kernel works on the scratch database through the Data API; the table is empty."""
    with through(server, scratch):
        yield server


@pytest.fixture
def worked(through: Through, server: DataApiServer, owner_url: str, clock: Any) -> AbstractContextManager[None]:
    """Lets the kernel work on the run's own, migrated database through the Data API."""
    name = owner_url.partition("?")[0].rpartition("/")[2]
    return through(server, name)
