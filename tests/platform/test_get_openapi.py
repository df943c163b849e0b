"""Anyone may read the contract, byte for byte as it was published."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bigledger.platform import installation
from tests.support.api import Api

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "BigLedger", "version": "0.1.0"},
    "paths": {"/api/v1/health": {"get": {"x-none": None}}},
    "components": {"schemas": {"Amount": {"type": "string", "default": None}}},
}


@pytest.fixture(autouse=True)
def _forgetful() -> Iterator[None]:
    """What a process keeps of the contract is forgotten before and after."""
    installation.contract.cache_clear()
    installation.contract_text.cache_clear()
    yield
    installation.contract.cache_clear()
    installation.contract_text.cache_clear()


@pytest.mark.example
def test_example(example: Any) -> None:
    example(keep=["openapi", "info"]).expect(200)


def test_the_document_is_answered_as_it_was_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = tmp_path / "openapi.json"
    published.write_text(json.dumps(DOCUMENT, indent=2))
    monkeypatch.setattr(installation, "CONTRACT", published)
    answer = Api(None).call("get_openapi").expect(200)
    assert answer.text == published.read_text()
    assert answer.headers["Content-Type"] == "application/json"


def test_the_document_is_read_once_by_each_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = tmp_path / "openapi.json"
    published.write_text(json.dumps(DOCUMENT))
    monkeypatch.setattr(installation, "CONTRACT", published)
    first = Api(None).call("get_openapi").expect(200).text
    published.unlink()
    assert Api(None).call("get_openapi").expect(200).text == first
