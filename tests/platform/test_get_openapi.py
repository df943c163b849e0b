"""Anyone may read the contract, byte for byte as it was published."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import bigledger
from bigledger.platform import installation
from tests.support.api import Api

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "BigLedger", "version": bigledger.__version__},
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


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small contract that stands for the published one, which is printed from the examples and so comes later."""
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(DOCUMENT, indent=2))
    monkeypatch.setattr(installation, "CONTRACT", file)
    return file


@pytest.mark.example
def test_example(example: Any, published: Path) -> None:
    example(keep=["openapi", "info"]).expect(200)


def test_the_document_is_answered_as_it_was_published(published: Path) -> None:
    answer = Api(None).call("get_openapi").expect(200)
    assert answer.text == published.read_text()
    assert answer.headers["Content-Type"] == "application/json"


def test_the_document_is_read_once_by_each_process(published: Path) -> None:
    first = Api(None).call("get_openapi").expect(200).text
    published.unlink()
    assert Api(None).call("get_openapi").expect(200).text == first
