"""Which installation a command is about: a Postgres server by its URL, or a stack in AWS by its name."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, create_engine, pool
from sqlalchemy.dialects import registry
from sqlalchemy.exc import DBAPIError

URL_VARIABLE = "BIGLEDGER_OWNER_URL"

ATTEMPTS = 10
WAIT = 5.0
"""How often a database that slept is asked, and how many seconds are between."""

registry.register("postgresql.auroradataapi", "bigledger.kernel.data_api", "DataApiDialect")


class Refusal(Exception):
    """A command cannot do what it was asked for; the message says what to do instead."""


@dataclass(frozen=True)
class Stack:
    """A deployed stack: the prefix of its names, its database and its database's owner, and the base of its API."""

    prefix: str
    database: str
    cluster: str
    owner_secret: str
    url: str

    def database_url(self, secret: str) -> str:
        """The database over the Data API, as the role whose name and password a secret holds."""
        return f"postgresql+auroradataapi://:@/{self.database}?aurora_cluster_arn={self.cluster}&secret_arn={secret}"


@dataclass(frozen=True)
class Target:
    """A database as its owner, and the stack it belongs to, if any."""

    url: str
    shown: str
    stack: Stack | None = None

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A transaction of the owner; a database that sleeps is woken and waited for. Raises Refusal."""
        with connected(self.url, self.shown) as connection:
            yield connection


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Let a command ask for its target."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--url",
        help=f"the database as its owner, postgresql://owner@host/name; also taken from {URL_VARIABLE}, which other"
        " users of the machine cannot see",
    )
    which.add_argument(
        "--stack-name", help="a stack in AWS, such as bigledger-prod; its database is reached by the Data API"
    )


def target(options: argparse.Namespace) -> Target:
    """The target that was asked for. Raises Refusal."""
    if options.stack_name:
        found = stack(options.stack_name)
        return Target(found.database_url(found.owner_secret), f"the database of {options.stack_name}", found)
    url = options.url or os.environ.get(URL_VARIABLE, "")
    if not url:
        raise Refusal(f"Say which database: --url postgresql://owner@host/name (or {URL_VARIABLE}), or --stack-name.")
    plain = url.replace("postgresql+psycopg://", "postgresql://", 1).replace("postgres://", "postgresql://", 1)
    if not plain.startswith(("postgresql://", "postgresql+auroradataapi://")):
        raise Refusal("The URL has to name a Postgres server: postgresql://owner@host/name")
    return Target(plain, without_password(plain))


def stack(name: str) -> Stack:
    """What CloudFormation knows of a stack. Raises Refusal when there is none or it is not one of ours."""
    client = aws("cloudformation")
    try:
        found = refusing(lambda: client.describe_stacks(StackName=name)["Stacks"][0])
    except Refusal as refusal:
        raise Refusal(f"{refusal} Is {name} the name of a stack in this account and region?") from refusal
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", ())}
    parameters = {one["ParameterKey"]: one["ParameterValue"] for one in found.get("Parameters", ())}
    missing = sorted({"DatabaseClusterArn", "OwnerSecretArn", "Url"} - outputs.keys())
    if missing:
        raise Refusal(
            f"The stack {name} does not tell {', '.join(missing)}. Name the root stack, and wait until it is up."
        )
    return Stack(
        prefix=parameters.get("Stack", "bigledger"),
        database=parameters.get("DatabaseName", "bigledger"),
        cluster=outputs["DatabaseClusterArn"],
        owner_secret=outputs["OwnerSecretArn"],
        url=outputs["Url"],
    )


def aws(service: str) -> Any:
    """A client of an AWS service, with the credentials and the region of the environment. Raises Refusal."""
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        return boto3.client(service)
    except BotoCoreError as error:
        raise Refusal(f"AWS cannot be called: {error}. Set AWS_PROFILE or the credentials, and AWS_REGION.") from error


def refusing(call: Callable[[], Any]) -> Any:
    """What a call of AWS answers. Raises Refusal with what AWS said when it fails."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return call()
    except ClientError as error:
        raise Refusal(
            f"AWS refused {error.operation_name}: {error.response['Error'].get('Message', error)}."
        ) from error
    except BotoCoreError as error:
        raise Refusal(f"AWS cannot be called: {error}") from error


@contextmanager
def connected(url: str, shown: str) -> Iterator[Connection]:
    """A transaction of the role that a URL names; it commits when the block ends. Raises Refusal."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=pool.NullPool)
    connection = _awake(lambda: engine.connect(), shown)
    try:
        with connection, connection.begin():
            yield connection
    finally:
        engine.dispose()


def _awake(connect: Callable[[], Connection], shown: str) -> Connection:
    for left in reversed(range(ATTEMPTS)):
        try:
            connection = connect()
            connection.exec_driver_sql("SELECT 1")
            connection.rollback()
        except DBAPIError as error:
            if "resum" not in str(error.orig).lower() or not left:
                raise Refusal(f"{shown[:1].upper()}{shown[1:]} cannot be used: {error.orig}") from error
            time.sleep(WAIT)
        else:
            return connection
    raise AssertionError("the last attempt returns or raises")


def without_password(url: str) -> str:
    """A URL as it may be shown."""
    password = urlsplit(url).password
    return url.replace(f":{password}@", ":…@", 1) if password else url
