"""``bigledger import``: the command line checks a file, shows its errors, and commits chunk by chunk."""

import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from devtools import importing
from tests.imports.test_create_import import CUSTOMERS
from tests.support.api import Api

ROUTES = {
    ("POST", ""): "create_import",
    ("GET", "get"): "get_import",
    ("POST", "commit"): "commit_import",
}


def client(api: Api, calls: list[str], fail_at: int | None = None) -> httpx.Client:
    """A client whose requests are handed to the operations; the connection breaks at one of them."""

    def answer(request: httpx.Request) -> httpx.Response:
        *_, id, verb = ["", *request.url.path.removeprefix("/api/v1/imports").strip("/").split("/"), ""][:3]
        calls.append(f"{request.method} {request.url.path}")
        if len(calls) == fail_at:
            raise httpx.ConnectError("the connection is gone")
        operation = ROUTES[request.method, verb or ("get" if request.method == "GET" else "")]
        body = json.loads(request.content) if request.content else None
        key = {"Idempotency-Key": request.headers.get("Idempotency-Key", f"request-{len(calls)}")}
        found = api.call(operation, body, path={"id": id} if id else {}, headers=key)
        return httpx.Response(found.status, text=found.text, request=request)

    return httpx.Client(base_url="http://127.0.0.1", transport=httpx.MockTransport(answer))


def run(api: Api, *arguments: str, fail_at: int | None = None) -> tuple[int, str, list[str]]:
    """The exit status, what was shown, and the requests that were sent."""
    shown, calls = io.StringIO(), []
    with client(api, calls, fail_at) as opened:
        options = importing.parser().parse_args(arguments)
        status = importing.run(opened, options, Console(file=shown, width=200))
    return status, shown.getvalue(), calls


@pytest.fixture
def many(tmp_path: Path) -> str:
    """A file of 1,200 customers."""
    rows = [{"code": f"K{n:04}", "name": f"Customer {n}", "jurisdiction": "US-CA"} for n in range(1200)]
    file = tmp_path / "customers.json"
    file.write_text(json.dumps(rows))
    return str(file)


def customers(api: Api) -> int:
    return int(api.rows("SELECT count(*) AS n FROM kernel.document WHERE type = 'customer'")[0].n)


def test_a_file_is_brought_in_chunk_by_chunk(api: Api, many: str) -> None:
    status, shown, calls = run(api, many, "--kind", "customers")
    assert (status, customers(api), len(calls)) == (0, 1200, 4)
    assert "1200/1200" in shown
    assert "1200 created, 0 had been imported before." in shown


def test_an_interrupted_one_is_resumed(api: Api, many: str) -> None:
    with pytest.raises(httpx.ConnectError):
        run(api, many, "--kind", "customers", fail_at=3)
    assert customers(api) == 500
    made = api.rows("SELECT id::text FROM kernel.document WHERE type = 'import'")[0].id
    status, shown, _ = run(api, "--resume", made)
    assert (status, customers(api)) == (0, 1200)
    assert "1200 created" in shown


def test_errors_are_shown_and_nothing_is_imported(api: Api, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(CUSTOMERS.replace("NET30", "NEVER"))
    status, shown, calls = run(api, str(file), "--kind", "customers")
    assert (status, customers(api), len(calls)) == (1, 0, 1)
    assert "row 1 /payment_terms: there is no active payment term NEVER" in shown


def test_check_only(api: Api, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(CUSTOMERS)
    status, shown, _ = run(api, str(file), "--kind", "customers", "--check")
    assert (status, customers(api)) == (0, 0)
    assert "2 customers can be imported." in shown


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert importing.main(["customers.csv", "--kind", "customers"]) == 1
    assert "make run" in capsys.readouterr().err
