"""The local cloud's database: its owner, the roles of the functions, and the schema of every module."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bigledger.kernel.migrations.support import APPLICATION, DISPATCHER, READER
from devtools.local.postgres import PostgresServer
from devtools.local.state import CloudError, Folder, read_json, remember

NAME = "bigledger"
OWNER = "bigledger_owner"
_ROLES = (APPLICATION, DISPATCHER, READER)


@dataclass(frozen=True)
class Database:
    """The addresses of one database for its owner, who migrates, and for the roles of the functions."""

    owner: str
    application: str
    dispatcher: str
    reader: str

    def behind(self, secret: str) -> str:
        """The address of the role that the secret with this ARN stands for: template.yaml names it after the role."""
        for role in ("application", "dispatcher", "reader"):
            if f"/{role}" in secret:
                return str(getattr(self, role))
        raise ValueError(f"{secret} is no secret of a role of the database")


def embedded(server: PostgresServer) -> Database:
    """The database of the embedded server, created with its owner when it is not there. Not migrated yet."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [OWNER]).rowcount:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE").format(sql.Identifier(OWNER)))
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [NAME]).rowcount:
            names = {"database": sql.Identifier(NAME), "owner": sql.Identifier(OWNER)}
            connection.execute(sql.SQL("CREATE DATABASE {database} OWNER {owner}").format(**names))
    return Database(*(server.url(NAME, role) for role in (OWNER, *_ROLES)))


def migrate(database: Database) -> None:
    """Bring the schema up to date. Raises CloudError when the server cannot be reached or refuses."""
    from bigledger.kernel.migrations.upgrade import upgrade

    try:
        psycopg.connect(database.owner, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        raise CloudError(f"The database {shown(database.owner)} cannot be used: {error}") from error
    upgrade(database.owner)


def external(url: str, folder: Folder) -> Database:
    """A database of another server, given by its owner's URL. Not migrated yet.

    The functions' roles get passwords of their own, kept in `.local`: see `let_roles_in`.
    """
    plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
    if not plain.startswith(("postgresql://", "postgres://")):
        raise CloudError("DATABASE_URL has to name a Postgres server: postgresql://owner:password@host/database")
    kept = read_json(folder.state).get("passwords", {})
    passwords = {role: kept.get(role) or secrets.token_urlsafe(24) for role in _ROLES}
    remember(folder, passwords=passwords)
    return Database(plain, *(_as_role(plain, role, passwords[role]) for role in _ROLES))


def let_roles_in(database: Database) -> None:
    """Give the functions' roles the passwords that their URLs have. Raises CloudError when the owner may not."""
    try:
        with psycopg.connect(database.owner, autocommit=True) as connection:
            for url in (database.application, database.dispatcher, database.reader):
                parts = urlsplit(url)
                assert parts.username is not None
                statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
                connection.execute(statement.format(sql.Identifier(parts.username), sql.Literal(parts.password)))
        psycopg.connect(database.application, connect_timeout=10).close()
    except psycopg.Error as error:
        raise CloudError(f"The roles {', '.join(_ROLES)} cannot sign in at {shown(database.owner)}: {error}") from error


def shown(url: str) -> str:
    """A URL as it may be shown: without its password."""
    parts = urlsplit(url)
    password = f":{parts.password}@" if parts.password else None
    return url.replace(password, ":…@", 1) if password else url


def _as_role(url: str, role: str, password: str) -> str:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role)}:{quote(password)}@{place}"))
