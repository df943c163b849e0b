"""The operator's key is told once, and only its digest is kept."""

import hashlib
from datetime import UTC, datetime

import pytest

from bigledger.platform import operator as operator_of
from devtools.operate import operator_key
from tests.operate.conftest import PREFIX, STACK, Cloud


def test_the_key_alone_goes_to_the_output_and_its_digest_is_told_beside(capsys: pytest.CaptureFixture[str]) -> None:
    assert operator_key.main([]) == 0
    told = capsys.readouterr()
    key = told.out.strip()
    assert key.startswith("blg_operator_")
    assert hashlib.sha256(key.encode()).hexdigest() in told.err
    assert key not in told.err


def test_two_keys_differ(capsys: pytest.CaptureFixture[str]) -> None:
    operator_key.main([])
    operator_key.main([])
    assert len(set(capsys.readouterr().out.split())) == 2


def test_the_stacks_secret_gets_the_digest_and_the_authorizer_knows_the_key(
    cloud: Cloud, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert operator_key.main(["--stack-name", STACK]) == 0
    key = capsys.readouterr().out.strip()
    assert cloud.secret("operator") == hashlib.sha256(key.encode()).hexdigest()
    monkeypatch.setenv("OPERATOR_SECRET", f"{PREFIX}/operator")
    monkeypatch.setattr(operator_of, "_known", {})
    operator_of._secrets_manager.cache_clear()
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert operator_of.matches(key, now)
    assert not operator_of.matches(f"{key}x", now)
    operator_of._secrets_manager.cache_clear()


def test_an_unknown_stack_is_refused_and_no_key_is_told(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    assert operator_key.main(["--stack-name", "nowhere"]) == 1
    assert capsys.readouterr().out == ""
    assert cloud.secret("operator") == "generated"
