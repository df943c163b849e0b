"""An installation as AWS has one: a stack, its secrets, and a database that asks for passwords."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import psycopg
import pytest
from moto import mock_aws

from bigledger.kernel import data_api
from bigledger.kernel.migrations.upgrade import upgrade
from devtools.local.postgres import PostgresServer
from devtools.local.rds_data import Cluster
from devtools.local.rds_data_server import DataApiServer
from tests.support.data_api import CLUSTER, variables

STACK = "bigledger-test"
PREFIX = "bl-test"
ROLES = ("application", "dispatcher")
OWNER = "bigledger_owner"

_HBA = "local all postgres,bigledger_owner trust\nlocal all all scram-sha-256\n"
_databases = count(1)


@dataclass
class Fresh:
    """An empty database."""

    name: str
    server: PostgresServer

    def url(self, user: str = OWNER, password: str = "") -> str:
        """Its URL for a role."""
        url = self.server.url(self.name, user)
        return url.replace(f"{user}@", f"{user}:{quote(password)}@", 1) if password else url

    def rows(self, sql: str, user: str = "postgres", password: str = "") -> list[Any]:
        """Rows as a role sees them."""
        with psycopg.connect(self.url(user, password)) as connection:
            return connection.execute(sql).fetchall()

    def run(self, statement: str) -> None:
        """Do something as the server's superuser."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


def current(secret: str) -> str:
    """What a secret holds. Raises KeyError when there is none."""
    manager = boto3.client("secretsmanager")
    try:
        return str(manager.get_secret_value(SecretId=secret, VersionStage="AWSCURRENT")["SecretString"])
    except manager.exceptions.ResourceNotFoundException as error:
        raise KeyError(secret) from error


@dataclass
class Served(Mapping[str, str]):
    """For a secret's ARN, the URL with the name and the password that it holds at that moment, as the service does."""

    database: Fresh

    def __getitem__(self, arn: str) -> str:
        held = json.loads(current(arn))
        return self.database.url(held["username"], held["password"])

    def __iter__(self) -> Iterator[str]:
        pages = boto3.client("secretsmanager").get_paginator("list_secrets").paginate()
        return (one["ARN"] for page in pages for one in page["SecretList"])

    def __len__(self) -> int:
        return len(list(iter(self)))


@dataclass
class Cloud:
    """A stack and its database."""

    database: Fresh
    server: DataApiServer

    def secret(self, name: str) -> str:
        """What a secret of the stack holds."""
        return current(f"{PREFIX}/{name}")

    def password(self, role: str) -> str:
        """The password that a role's secret holds."""
        return str(json.loads(self.secret(f"database/{role}"))["password"])

    def signed_in(self, role: str) -> str:
        """Who the database takes for the role with the password of its secret."""
        (row,) = self.database.rows("SELECT current_user::text", f"bigledger_{role}", self.password(role))
        return str(row[0])


@pytest.fixture(scope="session")
def asking_server() -> Iterator[PostgresServer]:
    """A server that asks everyone but its owner for a password."""
    folder = Path(tempfile.mkdtemp(prefix="bigledger-operate-"))
    folder.chmod(0o755)
    (folder / "hba.conf").write_text(_HBA)
    settings = {"hba_file": str(folder / "hba.conf")}
    server = PostgresServer.start(folder / "postgres", durable=False, settings=settings)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEROLE")
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def template(asking_server: PostgresServer) -> str:
    """The name of a database with the newest schema, to be copied."""
    with psycopg.connect(asking_server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE operate_template OWNER {OWNER}")
    upgrade(asking_server.url("operate_template", OWNER))
    return "operate_template"


@pytest.fixture
def fresh(asking_server: PostgresServer) -> Iterator[Fresh]:
    """An empty database, dropped afterwards; the roles of functions have no passwords."""
    yield from _database(asking_server, "template1")


@pytest.fixture
def migrated(asking_server: PostgresServer, template: str) -> Iterator[Fresh]:
    """A database with the newest schema; the roles of functions have no passwords."""
    yield from _database(asking_server, template)


def _database(server: PostgresServer, template: str) -> Iterator[Fresh]:
    name = f"operate_{next(_databases)}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER}")
    yield Fresh(name, server)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        roles = connection.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'bigledger_%'").fetchall()
        for (role,) in roles:
            if role != OWNER:
                connection.execute(f"ALTER ROLE {role} PASSWORD NULL")


@pytest.fixture
def empty_cloud(fresh: Fresh, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A stack in (emulated) AWS whose database is empty."""
    yield from _cloud(fresh, monkeypatch)


@pytest.fixture
def cloud(migrated: Fresh, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A stack in (emulated) AWS whose database has its schema and its roles, which have no passwords yet."""
    yield from _cloud(migrated, monkeypatch)


def _cloud(database: Fresh, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with mock_aws():
        data_api._service.cache_clear()
        server = DataApiServer(Cluster(CLUSTER, Served(database))).start()
        for name, value in variables(server).items():
            monkeypatch.setenv(name, value)
        manager = boto3.client("secretsmanager")
        for role in ROLES:
            held = {"username": f"bigledger_{role}", "password": f"{role}0Password"}
            manager.create_secret(Name=f"{PREFIX}/database/{role}", SecretString=json.dumps(held))
        manager.create_secret(Name=f"{PREFIX}/operator", SecretString="generated")
        held = {"username": OWNER, "password": ""}
        owner = manager.create_secret(Name="rds!cluster-owner", SecretString=json.dumps(held))["ARN"]
        template = {
            "Parameters": {name: {"Type": "String"} for name in ("Stack", "DatabaseName")},
            "Resources": {
                "One": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "one", "Type": "String", "Value": "x"}}
            },
            "Outputs": {
                "DatabaseClusterArn": {"Value": CLUSTER},
                "OwnerSecretArn": {"Value": owner},
                "Url": {"Value": "https://api.example"},
            },
        }
        given = {"Stack": PREFIX, "DatabaseName": database.name}
        parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]
        boto3.client("cloudformation").create_stack(
            StackName=STACK, TemplateBody=json.dumps(template), Parameters=parameters
        )
        yield Cloud(database, server)
        server.stop()
        data_api._service.cache_clear()


@pytest.fixture(autouse=True)
def _nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands find nothing in the environment that a test has not put there."""
    for name in ("BIGLEDGER_OWNER_URL", "BIGLEDGER_OPERATOR_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
