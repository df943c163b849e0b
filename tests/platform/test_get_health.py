"""Anyone may ask whether the installation works."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

import bigledger
from tests.support.api import Api


@pytest.mark.example
def test_example(example: Any) -> None:
    example().expect(200)


def test_it_answers_without_a_key(owner_url: str) -> None:
    answer = Api(None).call("get_health").expect(200)
    assert answer.json == {"status": "ok", "version": bigledger.__version__, "database": "ok"}


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert bigledger.__version__ == project["project"]["version"]


def test_a_database_that_does_not_answer_is_a_503(owner_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://bigledger_application@127.0.0.1:1/none?connect_timeout=2")
    refused = Api(None).call("get_health").expect(503)
    assert (refused["code"], refused["retryable"]) == ("unavailable", True)
    assert refused.headers["Retry-After"] == "2"
