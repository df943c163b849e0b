"""The kit of the applets: events as objects, requests to the API, and what becomes of each message."""

import importlib
import json
import logging
import pkgutil
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_origin

import boto3
import pytest
from moto import mock_aws
from pydantic import BaseModel

from bigledger_applet import (
    DECIMALS,
    Api,
    ApiProblem,
    Client,
    Data,
    EventRefused,
    InvalidManifest,
    Unreachable,
    read_event,
)
from bigledger_applet.client import read_key
from bigledger_applet.logs import JsonLine
from tests.applets.events import INVOICE, TENANT, batch, bus_event, failed, invoice_created, message
from tests.applets.played import PlayedApi

MANIFEST = """
id: com.example.probe
name: Probe
version: 1.0.0
author: Example
engines: {bigledger: ">=0.1 <2.0"}
permissions: [receivables.*]
hooks:
  - {event: invoice.created, version: 1, match: {data.currency: [USD], data.total: [{numeric: [">", 100]}]}}
  - {event: invoice.voided, version: 2}
"""

PROBE = """
from bigledger_applet import Applet

applet = Applet()
seen = []


@applet.on("invoice.created")
def two_writes(event, api):
    seen.append(event)
    api.approvals.request(document=event.subject, reason="first")
    api.invoices.get(event.subject)
    api.post("/notes", {"text": "second"})


handler = applet.handler
"""


@pytest.fixture
def probe(tmp_path: Path, load: Callable[[Path], ModuleType]) -> ModuleType:
    """An applet that writes twice and reads once for each large invoice in dollars."""
    (tmp_path / "applet.yaml").write_text(MANIFEST)
    (tmp_path / "app.py").write_text(PROBE)
    return load(tmp_path / "app.py")


def client(played: PlayedApi, key: str = "k") -> tuple[Client, list[float]]:
    """A client of the played API, and the seconds it has waited (none of them really)."""
    waits: list[float] = []
    return Client(played.url, read_key=lambda: key, pause=waits.append), waits


def free_port() -> int:
    """A port of the loopback address on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- events ---


def test_an_event_has_the_attributes_of_its_envelope() -> None:
    event = read_event(json.dumps(invoice_created("12500.10", number=7)))
    assert event.id == "01980000-0000-7000-8000-000000000007"
    assert (event.type, event.version, event.sequence) == ("invoice.created", 1, 1)
    assert event.subject == f"invoice/{INVOICE}"
    assert event.time == datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)
    assert (event.tenant, event.correlation_id) == (TENANT, "request-7")
    assert event.data.number == "INV-2026-000001"


def test_an_amount_is_an_exact_decimal() -> None:
    data = read_event(json.dumps(invoice_created("10000.000000000001"))).data
    assert data.total == Decimal("10000.000000000001")
    assert data.total > 10_000
    assert not read_event(json.dumps(invoice_created("10000.00"))).data.total > 10_000


def test_only_decimal_strings_under_the_names_of_amounts_become_decimals() -> None:
    data = Data(
        {
            "account": "1200",
            "total": "12.50",
            "rate": "STANDARD",
            "quantity": "3",
            "due_date": "2026-01-31",
            "paid": False,
            "lines": 2,
            "items": [{"line": 1, "net": "0.10", "code": "007"}],
            "taxes": {"amount": "-1.00"},
        }
    )
    assert data.account == "1200"
    assert isinstance(data.account, str)
    assert (data.total, data.quantity) == (Decimal("12.50"), Decimal(3))
    assert isinstance(data.quantity, Decimal)
    assert (data.rate, data.due_date, data.paid, data.lines) == ("STANDARD", "2026-01-31", False, 2)
    assert (data["items"][0].net, data.items[0].code, data.taxes.amount) == (Decimal("0.10"), "007", Decimal("-1.00"))


def test_a_number_in_a_field_that_is_no_amount_is_never_guessed() -> None:
    with pytest.raises(TypeError):
        assert Data({"account": "1200"}).account > 1_000


def test_data_reads_as_a_mapping_of_its_fields() -> None:
    data = Data({"total": "1.00", "note": None})
    assert ("note" in data, "gone" in data, len(data), list(data)) == (True, False, 2, ["total", "note"])
    assert data == {"total": "1.00", "note": None}
    with pytest.raises(KeyError):
        data["gone"]
    with pytest.raises(AttributeError, match="there is no field 'gone' here; the fields are: note, total"):
        _ = data.gone


def decimals_and_texts(model: type[BaseModel]) -> tuple[set[str], set[str]]:
    """The names of a model's decimal fields and of its text fields, at every depth."""
    decimals: set[str] = set()
    texts: set[str] = set()

    def look(name: str, annotation: Any) -> None:
        if get_origin(annotation) is not None:
            for inner in get_args(annotation):
                look(name, inner)
        elif annotation is Decimal:
            decimals.add(name)
        elif annotation is str:
            texts.add(name)
        elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
            for inner_name, field in annotation.model_fields.items():
                look(inner_name, field.annotation)

    look("", model)
    return decimals, texts


def test_the_probe_of_the_contract_finds_decimals_at_every_depth() -> None:
    class Line(BaseModel):
        net: Decimal
        code: str

    class Whole(BaseModel):
        total: Decimal | None
        lines: list[Line]
        rates: dict[str, Decimal]

    assert decimals_and_texts(Whole) == ({"total", "net", "rates"}, {"code", "rates"})


def test_the_names_of_amounts_are_those_of_the_published_events() -> None:
    """A core event with a decimal under a name the kit does not know, or a text under one it does, breaks here."""
    import bigledger
    from bigledger.kernel.events import declared_events

    for found in pkgutil.walk_packages(bigledger.__path__, "bigledger."):
        if ".migrations" not in found.name:
            importlib.import_module(found.name)
    events = declared_events()
    assert events
    for (type, version), model in events.items():
        decimals, texts = decimals_and_texts(model)
        assert decimals - DECIMALS == set(), f"{type} {version}: add these names to DECIMALS of bigledger_applet"
        assert (texts - decimals) & DECIMALS == set(), f"{type} {version}: these texts would be read as decimals"


@pytest.mark.parametrize("body", ["", "no json", "[]", "{}", '{"detail": {}}', '{"detail": 5}'])
def test_what_is_no_event_is_refused(body: str) -> None:
    with pytest.raises(EventRefused, match="The message is not an event of BigLedger"):
        read_event(body)


# --- requests ---


def test_a_write_carries_key_correlation_and_idempotency_key(played: PlayedApi) -> None:
    api = Api(client(played, "blg_test_1")[0], "com.example.probe", "e-1", "request-7")
    task = api.approvals.request(document=f"invoice/{INVOICE}", reason="above 10,000")
    assert task == {"id": "com.example.probe:e-1:1", "status": "open"}
    (sent,) = played.requests
    assert (sent.method, sent.path) == ("POST", f"/api/v1/documents/{INVOICE}/approval-requests")
    assert sent.body == {"reason": "above 10,000"}
    assert sent.headers["authorization"] == "Bearer blg_test_1"
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["idempotency-key"] == "com.example.probe:e-1:1"
    assert sent.headers["x-correlation-id"] == "request-7"


def test_writes_are_numbered_and_reads_are_not(played: PlayedApi) -> None:
    api = Api(client(played)[0], "com.example.probe", "e-1", "c")
    api.invoices.create(customer="CUST001", items=[])
    api.invoices.get(INVOICE)
    api.customers.get("CUST 1/2")
    api.documents.history(f"invoice/{INVOICE}")
    api.resource("tax_rules").get("A?b")
    api.approvals.request(INVOICE, "why")
    assert [(sent.path, sent.headers.get("idempotency-key")) for sent in played.requests] == [
        ("/api/v1/invoices", "com.example.probe:e-1:1"),
        (f"/api/v1/invoices/{INVOICE}", None),
        ("/api/v1/customers/CUST%201%2F2", None),
        (f"/api/v1/documents/{INVOICE}/history", None),
        ("/api/v1/tax_rules/A%3Fb", None),
        (f"/api/v1/documents/{INVOICE}/approval-requests", "com.example.probe:e-1:2"),
    ]


def test_a_list_is_read_page_by_page(played: PlayedApi) -> None:
    played.answer(200, {"data": [{"total": "1.00"}, {"total": "2.00"}], "next_cursor": "n=2"})
    played.answer(200, {"data": [{"total": "3.00"}], "next_cursor": None})
    api = Api(client(played)[0], "com.example.probe", "e-1", "c")
    assert [invoice.total for invoice in api.invoices.list(status="issued")] == [Decimal(1), Decimal(2), Decimal(3)]
    assert [sent.path for sent in played.requests] == [
        "/api/v1/invoices?status=issued",
        "/api/v1/invoices?status=issued&cursor=n%3D2",
    ]


def test_the_connection_is_kept(played: PlayedApi) -> None:
    sender, _ = client(played)
    for _ in range(3):
        sender.call("GET", "/api/v1/health")
    assert len(played.connections) == 1


def test_a_connection_that_was_closed_while_idle_is_opened_again(played: PlayedApi) -> None:
    played.close_after_answer = True
    sender, waits = client(played)
    for _ in range(3):
        sender.call("GET", "/api/v1/health")
    assert (len(played.requests), len(played.connections), waits) == (3, 3, [])


def test_a_refusal_is_a_problem_with_code_status_and_detail(played: PlayedApi) -> None:
    played.problem(404, "not_found", "There is no such document.")
    with pytest.raises(ApiProblem) as raised:
        client(played)[0].call("GET", "/api/v1/invoices/x")
    problem = raised.value
    assert (problem.status, problem.code, problem.detail) == (404, "not_found", "There is no such document.")
    assert problem.members["code"] == "not_found"
    assert str(problem) == "404 not_found: There is no such document."


@pytest.mark.parametrize(
    ("status", "body", "code", "detail"),
    [
        (502, b"<html>bad gateway</html>", "http_502", "<html>bad gateway</html>"),
        (403, {"message": "Forbidden"}, "http_403", "Forbidden"),
        (500, None, "http_500", "The API gave no reason."),
        (200, b"<html>", "unreadable", "The answer is not JSON. Is this the address of the API?"),
    ],
)
def test_answers_that_are_not_the_cores_are_problems_too(
    played: PlayedApi, status: int, body: Any, code: str, detail: str
) -> None:
    played.answer(status, body)
    with pytest.raises(ApiProblem) as raised:
        client(played)[0].call("GET", "/api/v1/health")
    assert (raised.value.status, raised.value.code, raised.value.detail) == (status, code, detail)
    assert len(played.requests) == 1


@pytest.mark.parametrize(
    ("status", "headers", "waits"),
    [
        (409, {"Retry_After": "1"}, [1]),
        (429, {"Retry_After": "3"}, [3]),
        (503, {"Retry_After": "2"}, [2]),
        (503, {}, [1]),
    ],
)
def test_a_busy_api_is_asked_again_with_the_same_request(
    played: PlayedApi, status: int, headers: dict[str, str], waits: list[int]
) -> None:
    played.problem(status, "busy", "Come back.", **headers)
    sender, waited = client(played)
    answer = sender.call("POST", "/api/v1/notes", body={"text": "a"}, headers={"Idempotency-Key": "k-1"})
    assert (answer, waited) == ({"id": "k-1", "status": "open"}, waits)
    first, second = played.requests
    assert first == second
    assert played.effects == [("/api/v1/notes", {"text": "a"})]


def test_a_conflict_that_does_not_pass_is_not_asked_again(played: PlayedApi) -> None:
    played.problem(409, "conflict", "It is paid already.")
    sender, waited = client(played)
    with pytest.raises(ApiProblem, match="409 conflict: It is paid already"):
        sender.call("POST", "/api/v1/notes", body={}, headers={"Idempotency-Key": "k-1"})
    assert (len(played.requests), waited) == (1, [])


def test_four_tries_are_enough(played: PlayedApi) -> None:
    for _ in range(5):
        played.problem(503, "unavailable", "Later.", Retry_After="2")
    sender, waited = client(played)
    with pytest.raises(ApiProblem, match="503 unavailable: Later"):
        sender.call("GET", "/api/v1/health")
    assert (len(played.requests), waited) == (4, [2, 2, 2])


def test_a_long_wait_is_left_to_the_queue(played: PlayedApi) -> None:
    played.problem(429, "too_many_requests", "Later.", Retry_After="60")
    sender, waited = client(played)
    with pytest.raises(ApiProblem, match="429 too_many_requests"):
        sender.call("GET", "/api/v1/health")
    assert (len(played.requests), waited) == (1, [])


def test_an_api_that_does_not_answer_is_a_problem_too() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Unreachable, match=f"{url} does not answer") as raised:
        Client(url, read_key=lambda: "k").call("GET", "/api/v1/health")
    assert (raised.value.status, raised.value.code) == (0, "unreachable")


@pytest.mark.parametrize("url", ["erp.example.com", "ftp://erp.example.com", "https://"])
def test_an_address_has_to_be_one(url: str) -> None:
    with pytest.raises(ValueError, match="is no address of BigLedger"):
        Client(url)


def test_a_rotated_key_is_read_again(played: PlayedApi) -> None:
    keys = iter(["old", "new"])
    played.answer(200, {})
    played.problem(401, "unauthenticated", "This key was revoked or changed.")
    sender = Client(played.url, read_key=lambda: next(keys))
    sender.call("GET", "/api/v1/health")
    sender.call("GET", "/api/v1/health")
    assert [sent.headers["authorization"] for sent in played.requests] == ["Bearer old", "Bearer old", "Bearer new"]


def test_a_revoked_key_is_told_at_once(played: PlayedApi) -> None:
    played.problem(401, "unauthenticated", "This key was revoked or changed.")
    with pytest.raises(ApiProblem, match="401 unauthenticated"):
        client(played)[0].call("GET", "/api/v1/health")
    assert len(played.requests) == 1


def test_the_key_comes_from_the_secret_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("API_KEY", raising=False)
    monkeypatch.setenv("API_KEY_SECRET", "bigledger/applets/probe")
    with mock_aws():
        boto3.client("secretsmanager").create_secret(Name="bigledger/applets/probe", SecretString="blg_live_1\n")
        assert read_key() == "blg_live_1"


def test_a_missing_key_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("API_KEY", raising=False)
    monkeypatch.delenv("API_KEY_SECRET", raising=False)
    with pytest.raises(RuntimeError, match="Set API_KEY_SECRET to the name of the secret"):
        read_key()


# --- messages ---


def test_an_event_handled_twice_takes_effect_once(played: PlayedApi, probe: ModuleType) -> None:
    delivered = batch(message(invoice_created("250.00")))
    assert probe.handler(delivered, None) == failed()
    assert probe.handler(delivered, None) == failed()
    key = "com.example.probe:01980000-0000-7000-8000-000000000001"
    keys = [sent.headers.get("idempotency-key") for sent in played.requests]
    assert keys == [f"{key}:1", None, f"{key}:2"] * 2
    assert played.effects == [
        (f"/api/v1/documents/{INVOICE}/approval-requests", {"reason": "first"}),
        ("/api/v1/notes", {"text": "second"}),
    ]


def test_a_delivery_that_failed_half_way_is_completed_by_the_next(played: PlayedApi, probe: ModuleType) -> None:
    real = played.respond
    refusals: list[tuple[int, dict[str, str], Any]] = [
        (500, {}, {"status": 500, "code": "internal_error", "detail": "no"})
    ]
    played.respond = lambda sent: refusals.pop() if sent.path == "/api/v1/notes" and refusals else real(sent)  # type: ignore[method-assign]
    delivered = batch(message(invoice_created("250.00")))
    assert probe.handler(delivered, None) == failed("m1")
    assert [path for path, _ in played.effects] == [f"/api/v1/documents/{INVOICE}/approval-requests"]
    assert probe.handler(delivered, None) == failed()
    assert [path for path, _ in played.effects] == [f"/api/v1/documents/{INVOICE}/approval-requests", "/api/v1/notes"]


def test_only_the_messages_that_fail_are_sent_back(
    played: PlayedApi, probe: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    answer = probe.handler(
        batch(
            message(invoice_created("101.00", number=1), "good"),
            message("no json", "unreadable"),
            message(bus_event("invoice.voided", {}, version=2), "without a handler"),
            message(invoice_created("101.00", number=2, version=2), "unknown version"),
            message(invoice_created("101.00", number=3, tenant="another"), "of another tenant"),
            message(invoice_created("101.00", number=4), "good too"),
        ),
        None,
    )
    assert answer == failed("unreadable", "without a handler", "unknown version", "of another tenant")
    assert [event.id[-1] for event in probe.seen] == ["1", "4"]
    assert len(played.effects) == 4
    reasons = {record.message_id: record.reason for record in caplog.records if record.message == "event refused"}  # type: ignore[attr-defined]
    assert reasons["unknown version"] == (
        "com.example.probe 1.0.0 handles invoice.created version 1, not invoice.created version 2."
        " Deploy a release that does, then redrive the dead-letter queue."
    )
    assert reasons["of another tenant"] == (
        f"The event belongs to tenant another, and this applet works for {TENANT} alone."
    )
    assert [record.event_id[-1] for record in caplog.records if record.message == "handled"] == ["1", "4"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("data", "handed"),
    [
        ({"currency": "USD", "total": "100.01"}, True),
        ({"currency": "USD", "total": "100.00"}, False),
        ({"currency": "EUR", "total": "100.01"}, False),
        ({"currency": "USD"}, False),
    ],
)
def test_the_conditions_of_the_hook_are_checked_exactly(
    played: PlayedApi, probe: ModuleType, data: dict[str, Any], handed: bool
) -> None:
    assert probe.handler(batch(message(bus_event("invoice.created", data))), None) == failed()
    assert bool(probe.seen) is handed
    assert bool(played.requests) is handed


def test_a_defect_in_a_handler_sends_the_message_back_and_is_logged_whole(
    played: PlayedApi, probe: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    vars(probe)["seen"] = None  # the handler's first line raises now
    assert probe.handler(batch(message(invoice_created("250.00"))), None) == failed("m1")
    (record,) = [record for record in caplog.records if record.message == "the handler failed"]
    assert record.exc_info is not None
    assert "AttributeError" in JsonLine().format(record)
    assert played.requests == []


def test_an_api_that_is_down_sends_the_message_back(
    played: PlayedApi, probe: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIGLEDGER_URL", f"http://127.0.0.1:{free_port()}")
    assert probe.handler(batch(message(invoice_created("250.00"))), None) == failed("m1")
    assert played.effects == []


def test_a_missing_address_is_told(
    played: PlayedApi, probe: ModuleType, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("BIGLEDGER_URL")
    assert probe.handler(batch(message(invoice_created("250.00"))), None) == failed("m1")
    assert "Set BIGLEDGER_URL to the address of BigLedger" in caplog.text


@pytest.mark.parametrize(
    ("handlers", "error"),
    [
        ('@applet.on("payment.received")\ndef f(event, api): ...', "f handles payment.received version 1, which"),
        ('@applet.on("invoice.voided")\ndef f(event, api): ...', "f handles invoice.voided version 1, which"),
    ],
)
def test_a_handler_needs_a_hook_of_its_version(
    tmp_path: Path, load: Callable[[Path], ModuleType], handlers: str, error: str
) -> None:
    (tmp_path / "applet.yaml").write_text(MANIFEST)
    (tmp_path / "app.py").write_text(f"from bigledger_applet import Applet\napplet = Applet()\n{handlers}\n")
    with pytest.raises(InvalidManifest, match=error):
        load(tmp_path / "app.py")


def test_an_event_has_one_handler(tmp_path: Path, load: Callable[[Path], ModuleType]) -> None:
    (tmp_path / "applet.yaml").write_text(MANIFEST)
    twice = '@applet.on("invoice.created")\ndef f(event, api): ...\n' * 2
    (tmp_path / "app.py").write_text(f"from bigledger_applet import Applet\napplet = Applet()\n{twice}")
    with pytest.raises(ValueError, match=r"invoice\.created version 1 has a handler already"):
        load(tmp_path / "app.py")


def test_guards_that_nobody_would_call_are_refused(tmp_path: Path, load: Callable[[Path], ModuleType]) -> None:
    guards = "guards: [{operation: receivables.create_invoice, on_failure: refuse}]\n"
    (tmp_path / "applet.yaml").write_text(MANIFEST + guards)
    (tmp_path / "app.py").write_text(PROBE)
    with pytest.raises(InvalidManifest, match=r"take the guards out of applet\.yaml"):
        load(tmp_path / "app.py")


def test_a_line_of_the_log_is_json_with_its_fields() -> None:
    record = logging.makeLogRecord({"name": "bigledger_applet", "levelname": "INFO", "msg": "paid", "created": 0})
    record.paid = Decimal("12.50")
    line = json.loads(JsonLine().format(record))
    assert line == {"timestamp": "1970-01-01T00:00:00Z", "level": "INFO", "message": "paid", "paid": "12.50"}
