"""One Postgres server per test run, one migrated template, one copy of it per worker."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bigledger.kernel.migrations.upgrade import upgrade
from devtools.local.postgres import PostgresServer
from tests.support import data_api

TEMPLATE = "template_bigledger"


class TestServer:
    """The server of a test run and the template every worker's database is copied from."""

    __test__ = False

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="bigledger-test-"))
        self._server = PostgresServer.start(self._folder / "postgres", durable=False)
        self.admin_url = self._server.url("postgres")
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute("CREATE ROLE bigledger_owner LOGIN CREATEROLE")
            connection.execute(f"CREATE DATABASE {TEMPLATE} OWNER bigledger_owner")
        upgrade(self._server.url(TEMPLATE, "bigledger_owner"))

    def stop(self) -> None:
        """End the server and forget its data."""
        self._server.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def url(admin_url: str, database: str, user: str) -> str:
    """The URL of another database or user of the same server."""
    return admin_url.replace("/postgres?", f"/{database}?").replace("postgres@", f"{user}@")


_plain: dict[str, str] = {}


def plain_url(variable: str = "DATABASE_URL") -> str:
    """What psycopg connects with by itself as the role that an environment variable stands for, in either DRIVER."""
    return _plain[variable]


def make_database(admin_url: str, name: str, template: str = TEMPLATE) -> str:
    """Copy the template; the environment then names the copy, as DRIVER asks. Answers the owner's URL."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER bigledger_owner")
    application, dispatcher = (url(admin_url, name, f"bigledger_{role}") for role in ("application", "dispatcher"))
    _plain.update(DATABASE_URL=application, DISPATCHER_DATABASE_URL=dispatcher)
    if data_api.asked():
        application, dispatcher = data_api.serve(name, application, dispatcher)
    os.environ["DATABASE_URL"], os.environ["DISPATCHER_DATABASE_URL"] = application, dispatcher
    return url(admin_url, name, "bigledger_owner")


@contextmanager
def elsewhere() -> Iterator[None]:
    """What ``make_database`` names within the block is forgotten at its end: the environment is as before."""
    names = {name: os.environ.get(name) for name in _plain}
    plain = dict(_plain)
    yield
    _plain.update(plain)
    for name, value in names.items():
        if value is not None:
            os.environ[name] = value


def drop_database(admin_url: str, name: str) -> None:
    """Drop a copy, whoever is still connected to it."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def left_by_everyone(admin_url: str, name: str) -> None:
    """End every connection to a database, so that it can be copied."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid()",
            [name],
        )
