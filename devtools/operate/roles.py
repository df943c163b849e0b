"""``bigledger database-roles``: the database's roles get the passwords that their secrets hold, or new ones.

A password never travels: what is sent is its SCRAM-SHA-256 verifier (RFC 5802, RFC 7677), which Postgres stores and
from which nobody can sign in.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import string
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from devtools.operate.target import Refusal, Stack, Target, aws, connected, refusing, target

ITERATIONS = 4096
"""Postgres's own choice; the passwords are random, so that more would not make them safer."""
LENGTH = 40

PREFIX = "bigledger_"
"""How the names of the database's roles begin; no other role's password is touched."""


@dataclass(frozen=True)
class Login:
    """What a role's secret holds."""

    secret: str
    role: str
    password: str


def main(arguments: list[str]) -> int:
    """Let the roles in, or give some of them new passwords; answers the exit status."""
    options = parser().parse_args(arguments)
    try:
        asked = target(options)
        assert asked.stack is not None
        if options.rotate:
            for name in options.rotate:
                rotate(asked, asked.stack, name)
        else:
            let_in(asked, asked.stack)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="bigledger database-roles",
        description="Gives the roles that the functions sign in with the passwords of their secrets, and tries each."
        " Needed once after the first migration (`bigledger migrate --stack-name` does it), and whenever a secret was"
        " changed by hand. Running it again does no harm.",
    )
    made.add_argument("--stack-name", required=True, help="a stack in AWS, such as bigledger-prod")
    made.add_argument(
        "--rotate",
        action="append",
        metavar="ROLE",
        help="give this role a new password, in its secret and in the database: application, dispatcher, reader;"
        " several times for several",
    )
    made.set_defaults(url=None)
    return made


def let_in(asked: Target, stack: Stack) -> None:
    """Give every role the password of its secret, and try it. Raises Refusal."""
    logins = [_login(name) for name in names(stack)]
    _set(asked, logins)
    for login in logins:
        _try(stack, login)
        print(f"  {login.role} signs in with the password of {login.secret}")


def rotate(asked: Target, stack: Stack, name: str) -> None:
    """Give a role a new password.

    The new one waits in the secret as AWSPENDING until the database has it; an interrupted rotation is mended by
    running the command without --rotate. Functions that sign in between the two steps are refused and tried again
    by their callers. Raises Refusal.
    """
    secret = f"{stack.prefix}/database/{name}"
    if secret not in names(stack):
        raise Refusal(
            f"There is no role {name}; there are {', '.join(one.rpartition('/')[2] for one in names(stack))}."
        )
    manager = aws("secretsmanager")
    before = refusing(lambda: manager.get_secret_value(SecretId=secret, VersionStage="AWSCURRENT"))
    login = _read(secret, before)
    new = Login(secret, login.role, _password())
    held = json.loads(before["SecretString"]) | {"password": new.password}
    version = refusing(
        lambda: manager.put_secret_value(SecretId=secret, SecretString=json.dumps(held), VersionStages=["AWSPENDING"])[
            "VersionId"
        ]
    )
    _set(asked, [new])
    refusing(
        lambda: manager.update_secret_version_stage(
            SecretId=secret,
            VersionStage="AWSCURRENT",
            MoveToVersionId=version,
            RemoveFromVersionId=before["VersionId"],
        )
    )
    _try(stack, new)
    print(f"  {new.role} has a new password, which {secret} holds")


def names(stack: Stack) -> list[str]:
    """The secrets of the stack's database roles, by name. Raises Refusal."""
    manager = aws("secretsmanager")
    wanted = f"{stack.prefix}/database/"
    filters = [{"Key": "name", "Values": [wanted]}]
    pages = refusing(lambda: list(manager.get_paginator("list_secrets").paginate(Filters=filters)))
    found = sorted(one["Name"] for page in pages for one in page["SecretList"] if one["Name"].startswith(wanted))
    if not found:
        raise Refusal(f"There are no secrets {wanted}… in this account and region.")
    return found


def verifier(password: str, salt: bytes) -> str:
    """What Postgres stores of a password: SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>.

    Raises ValueError for a password that has to be normalised first (RFC 4013), as only plain ASCII has not.
    """
    if not password or not password.isascii() or not password.isprintable():
        raise ValueError("a password has to be printable ASCII")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    encoded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${ITERATIONS}:{encoded[0]}${encoded[1]}:{encoded[2]}"


def _login(secret: str) -> Login:
    manager = aws("secretsmanager")
    return _read(secret, refusing(lambda: manager.get_secret_value(SecretId=secret, VersionStage="AWSCURRENT")))


def _read(secret: str, answer: Any) -> Login:
    try:
        held = json.loads(answer["SecretString"])
        login = Login(secret, str(held["username"]), str(held["password"]))
        verifier(login.password, b"")
    except (KeyError, TypeError, ValueError) as error:
        raise Refusal(f"{secret} does not hold a username and a password of ASCII letters.") from error
    if not re.fullmatch(rf"{PREFIX}[a-z_]+", login.role) or login.role == f"{PREFIX}owner":
        raise Refusal(f"{secret} names the role {login.role}, which is none of the functions' roles.")
    return login


def _set(asked: Target, logins: Iterable[Login]) -> None:
    """Give the roles their passwords, all in one transaction."""
    with asked.connection() as connection:
        for login in logins:
            there = connection.execute(
                text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": login.role}
            ).first()
            if there is None:
                raise Refusal(f"The database has no role {login.role}. Migrate it first: bigledger migrate.")
            # Names and verifiers have neither quotes nor colons that a statement could mistake for parameters.
            stored = verifier(login.password, os.urandom(16)).replace(":", r"\:")
            try:
                connection.execute(text(f"ALTER ROLE {login.role} PASSWORD '{stored}'"))
            except DBAPIError as error:
                raise Refusal(f"The owner may not give {login.role} a password: {error.orig}") from error


def _try(stack: Stack, login: Login) -> None:
    arn = refusing(lambda: aws("secretsmanager").describe_secret(SecretId=login.secret)["ARN"])
    with connected(stack.database_url(arn), f"the database as {login.role}") as connection:
        found = connection.execute(text("SELECT current_user::text")).scalar_one()
    if found != login.role:
        raise Refusal(f"{login.secret} signs in as {found} instead of {login.role}.")


def _password() -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(LENGTH))
