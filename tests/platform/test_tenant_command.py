"""`bigledger tenant create` makes a tenant over the API, tells its key once, and can be repeated."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from bigledger.platform.secrets import Secret
from devtools.operate import tenant
from tests.platform.callers import bearer
from tests.platform.served import Served

URL = "https://installation.example"


@pytest.fixture
def served(owner_url: str, operator_secret: Secret, monkeypatch: pytest.MonkeyPatch) -> Served:
    """The installation's API, which the command finds at URL."""
    made = Served()

    def client(url: str, key: str) -> httpx.Client:
        assert url == URL
        return made.client(key)

    monkeypatch.setattr(tenant, "api_client", client)
    monkeypatch.setenv("BIGLEDGER_OPERATOR_KEY", operator_secret.text)
    return made


def create(*arguments: str) -> int:
    return tenant.main(["create", "--name", "Lighthouse Books", "--url", URL, *arguments])


def test_a_tenant_is_made_and_its_key_works(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    assert create("--currency", "EUR", "--jurisdiction", "DE", "--timezone", "Europe/Berlin", "--test") == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Lighthouse Books is tenant ")
    assert first.endswith(", with the company MAIN.")
    key = second.removeprefix("Its first key, told this once: ")
    assert key.startswith("blg_test_")
    told = bearer(key).call("verify_auth").expect(200)
    assert (told["tenant"]["name"], told["permissions"]) == ("Lighthouse Books", ["*"])
    company = bearer(key).call("get_record", path={"resource": "companies", "id": "MAIN"}).expect(200)
    assert (company["currency"], company["jurisdiction"], company["timezone"]) == ("EUR", "DE", "Europe/Berlin")


def test_the_answer_may_be_had_as_json(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    assert create("--json") == 0
    made = json.loads(capsys.readouterr().out)
    assert made["api_key"].startswith("blg_live_")
    assert made["company"]["code"] == "MAIN"


def test_a_lost_answer_is_asked_for_again_with_the_same_key(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    served.loses = "/api/v1/tenants"
    assert create("--idempotency-key", "lost-one") == 1
    assert "repeat the command with --idempotency-key lost-one" in capsys.readouterr().err
    assert create("--idempotency-key", "lost-one") == 0
    told = capsys.readouterr()
    assert "Its first key, told this once" not in told.out
    assert "never told again" in told.err


def test_a_refusal_is_told_with_its_places(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    assert create("--currency", "XYZ", "--fiscal-year-month", "13") == 1
    refused = capsys.readouterr().err
    assert "The API refused (422)" in refused
    assert "/company/currency: XYZ is not an ISO 4217 currency code" in refused
    assert "/company/fiscal_year_month" in refused


def test_a_wrong_key_is_told(
    served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BIGLEDGER_OPERATOR_KEY", "blg_operator_wrong")
    assert create() == 1
    assert "The API refused (401): This is not the key of this installation's operator." in capsys.readouterr().err


def test_the_system_of_this_machine_is_found_by_itself(
    served: Served, operator_secret: Secret, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.delenv("BIGLEDGER_OPERATOR_KEY")
    monkeypatch.setattr(tenant, "LOCAL", tmp_path)
    assert tenant.main(["create", "--name", "Nobody"]) == 1
    assert "Nothing runs on this machine. Start it with `make run`" in capsys.readouterr().err
    credentials = {"url": URL, "operator_key": operator_secret.text}
    (tmp_path / "credentials.json").write_text(json.dumps(credentials))
    assert tenant.main(["create", "--name", "Somebody"]) == 0
    assert "Somebody is tenant " in capsys.readouterr().out


def test_the_operators_key_is_asked_for_only_where_somebody_is(
    served: Served, operator_secret: Secret, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BIGLEDGER_OPERATOR_KEY")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert create() == 1
    assert "Set BIGLEDGER_OPERATOR_KEY to the operator's key" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(tenant.getpass, "getpass", lambda prompt: f" {operator_secret.text} ")
    assert create() == 0


def test_without_create_it_shows_how(capsys: pytest.CaptureFixture[str]) -> None:
    assert tenant.main([]) == 2
    assert "create" in capsys.readouterr().out
