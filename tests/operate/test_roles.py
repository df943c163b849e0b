"""The functions' roles sign in with the passwords of their secrets, which travel as verifiers only."""

import base64
import json
from collections.abc import Callable
from typing import Any

import boto3
import psycopg
import pytest

from devtools.operate import roles
from tests.operate.conftest import PREFIX, STACK, Cloud


def run(*arguments: str) -> int:
    return roles.main(["--stack-name", STACK, *arguments])


def test_the_roles_sign_in_with_the_passwords_of_their_secrets(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(psycopg.OperationalError):
        cloud.signed_in("application")
    assert run() == 0
    assert cloud.signed_in("application") == "bigledger_application"
    assert cloud.signed_in("dispatcher") == "bigledger_dispatcher"
    with pytest.raises(psycopg.OperationalError):
        cloud.database.rows("SELECT 1", "bigledger_application", "guessed")
    told = capsys.readouterr().out
    assert f"bigledger_application signs in with the password of {PREFIX}/database/application" in told
    assert cloud.password("application") not in told


def test_no_password_is_sent_and_no_other_role_is_touched(cloud: Cloud) -> None:
    sent: list[str] = []
    before = cloud.database.rows("SELECT rolname, rolpassword FROM pg_authid WHERE rolname = 'bigledger_owner'")
    execute = cloud.server.api._operations["Execute"]
    cloud.server.api._operations = {
        **cloud.server.api._operations,
        "Execute": lambda request: sent.append(str(request)) or execute(request),
    }
    assert run() == 0
    altered = [one for one in sent if "ALTER ROLE" in one]
    assert len(altered) == 2
    assert all("SCRAM-SHA-256$4096:" in one for one in altered)
    assert not any(cloud.password(role) in one for role in ("application", "dispatcher") for one in sent)
    after = cloud.database.rows("SELECT rolname, rolpassword FROM pg_authid WHERE rolname = 'bigledger_owner'")
    assert after == before


def test_running_it_again_does_no_harm(cloud: Cloud) -> None:
    assert (run(), run()) == (0, 0)
    assert cloud.signed_in("application") == "bigledger_application"


def test_a_rotated_role_has_a_new_password_in_secret_and_database(cloud: Cloud) -> None:
    run()
    before = cloud.password("application"), cloud.password("dispatcher")
    assert run("--rotate", "application") == 0
    assert cloud.password("application") != before[0]
    assert len(cloud.password("application")) == 40
    assert json.loads(cloud.secret("database/application"))["username"] == "bigledger_application"
    assert cloud.signed_in("application") == "bigledger_application"
    with pytest.raises(psycopg.OperationalError):
        cloud.database.rows("SELECT 1", "bigledger_application", before[0])
    assert cloud.password("dispatcher") == before[1]


def test_an_interrupted_rotation_is_mended_by_running_it_without(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    before = cloud.password("application")
    with monkeypatch.context() as patched:
        patched.setattr(roles, "_set", _changed_and_interrupted(roles._set))
        with pytest.raises(InterruptedError):
            run("--rotate", "application")
    assert cloud.password("application") == before
    with pytest.raises(psycopg.OperationalError):
        cloud.signed_in("application")
    assert run() == 0
    assert cloud.signed_in("application") == "bigledger_application"


def _changed_and_interrupted(change: Callable[..., None]) -> Callable[..., None]:
    """The database is changed; then the power fails."""

    def interrupted(*arguments: Any) -> None:
        change(*arguments)
        raise InterruptedError

    return interrupted


def test_an_unknown_role_is_refused(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--rotate", "owner") == 1
    assert "There is no role owner; there are application, dispatcher." in capsys.readouterr().err


def test_before_the_first_migration_it_says_so(empty_cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    secret = '{"username": "bigledger_later", "password": "x"}'
    boto3.client("secretsmanager").put_secret_value(SecretId=f"{PREFIX}/database/application", SecretString=secret)
    assert run() == 1
    assert "The database has no role bigledger_later. Migrate it first" in capsys.readouterr().err


@pytest.mark.parametrize(
    "held",
    [
        '{"username": "bigledger_owner", "password": "x"}',
        '{"username": "postgres", "password": "x"}',
        '{"username": "bigledger_application", "password": ""}',
        '{"username": "bigledger_application", "password": "pässword"}',
        '{"username": "bigledger_x; DROP TABLE y", "password": "x"}',
        "no json",
    ],
)
def test_a_secret_that_is_none_of_a_role_is_refused(
    cloud: Cloud, held: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = cloud.database.rows("SELECT rolname, rolpassword FROM pg_authid ORDER BY rolname")
    boto3.client("secretsmanager").put_secret_value(SecretId=f"{PREFIX}/database/application", SecretString=held)
    assert run() == 1
    assert f"{PREFIX}/database/application" in capsys.readouterr().err
    assert cloud.database.rows("SELECT rolname, rolpassword FROM pg_authid ORDER BY rolname") == before


def test_the_verifier_is_that_of_the_standard() -> None:
    """The test vector of RFC 7677: user "user", password "pencil"."""
    salt = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
    assert roles.verifier("pencil", salt) == (
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
        "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    )
