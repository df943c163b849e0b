"""``bigledger export``: the command line asks for an export, waits, and fetches what the hashes vouch for."""

import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from rich.console import Console

from devtools import exporting
from tests.exports.test_create_export import content
from tests.support.api import Api
from tests.support.events import deliver
from tests.support.store import BUCKET, Store


def run(api: Api, store: Store, *arguments: str, spoil: str = "") -> tuple[int, str, list[str]]:
    """The exit status, what was shown, and the files that were fetched; ``spoil`` comes damaged, once."""
    shown, fetched = io.StringIO(), list[str]()

    def answer(request: httpx.Request) -> httpx.Response:
        name = request.url.path.removeprefix("/api/v1/exports").strip("/")
        assert api.requests < 50, "the export never completes"
        if name:
            deliver(api)
            found = api.call("get_export", path={"id": name})
        else:
            found = api.call("create_export", json.loads(request.content))
        return httpx.Response(found.status, text=found.text, request=request)

    def hand_out(request: httpx.Request) -> httpx.Response:
        key = unquote(urlsplit(str(request.url)).path).lstrip("/").removeprefix(f"{BUCKET}/")
        name = (
            key.split("/", 3)[3]
            if key.startswith(str(api.tenant_id))
            else key.partition("/exports/")[2].partition("/")[2]
        )
        fetched.append(name)
        damaged = name == spoil and fetched.count(name) == 1
        return httpx.Response(200, content=b"damaged" if damaged else store.read(key), request=request)

    def opened(handler: Any) -> httpx.Client:
        return httpx.Client(base_url="http://127.0.0.1", transport=httpx.MockTransport(handler))

    with opened(answer) as client, opened(hand_out) as files:
        options = exporting.parser().parse_args(arguments)
        status = exporting.run(client, files, options, Console(file=shown, width=200))
    return status, shown.getvalue(), fetched


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "WAIT", 0)


def test_every_file_is_fetched_and_what_is_there_is_not_fetched_again(api: Api, store: Store, tmp_path: Path) -> None:
    status, told, fetched = run(api, store, str(tmp_path))
    (made,) = [row.id for row in api.rows("SELECT id::text AS id FROM kernel.document WHERE type = 'export'")]
    found = content(api, store, {"id": made})
    assert status == 0
    assert {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*.*json")} == found
    assert sorted(fetched) == sorted(found)
    assert f"bigledger export --resume {made} goes on" in told
    (tmp_path / "documents" / "account.ndjson").unlink()
    _, _, again = run(api, store, str(tmp_path), "--resume", made)
    assert again == ["documents/account.ndjson"]


def test_a_file_that_is_not_what_its_hash_says_is_fetched_again(api: Api, store: Store, tmp_path: Path) -> None:
    status, _, fetched = run(api, store, str(tmp_path), spoil="documents/unit.ndjson")
    assert status == 0
    assert fetched.count("documents/unit.ndjson") == 2
    assert b"damaged" not in (tmp_path / "documents" / "unit.ndjson").read_bytes()
