"""`bigledger run`: what a person sees, what is left behind, and a sentence for everything that can go wrong."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from devtools.local.options import Options, from_environment
from devtools.local.state import CloudError

ROOT = Path(__file__).resolve().parents[2]

# The command as it is, but with its data in a folder of the test.
PROGRAM = """
import dataclasses, pathlib, sys
from devtools.local import cloud, options
cloud.from_environment = lambda given: dataclasses.replace(
    options.from_environment(given), folder=pathlib.Path(sys.argv[1]), durable=False
)
sys.exit(cloud.main([]))
"""


def start(folder: Path, **variables: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "PORT", "WORKERS")}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)],
        env={**kept, "PYTHONUNBUFFERED": "1", **variables},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def refused(folder: Path, **variables: str) -> str:
    """What `bigledger run` says when it cannot start."""
    with start(folder, **variables) as process:
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 1, output + errors
    assert "Traceback" not in errors
    return errors.strip()


def serving(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """A run that serves, and what it has printed until then."""
    process = start(folder, PORT="0")
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if line.startswith("Ctrl-C stops it."):
            return process, printed
    process.wait()
    assert process.stderr is not None
    raise AssertionError(printed + process.stderr.read())


def stop(process: subprocess.Popen[str], number: signal.Signals) -> str:
    process.send_signal(number)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, output + errors
    return errors


EFFECTS = """\
  1  Tax across jurisdictions  GET /api/v1/invoices/ID
     STATE 6 % of 1200.00 = 72.00 (US-CA); CITY 1.25 % of 1200.00 = 15.00 (US-CA-SF)
  2  Stock reserved            GET /api/v1/stock/availability?product=PROD001
     10 at MAIN: on hand 100, reserved 10, available 90
  3  Credit checked            GET /api/v1/invoices/ID
     limit 50000.00, used 1287.00, left 48713.00 USD
  4  Approval                  GET /api/v1/approvals
     not required by the rule: Invoices above 10,000
  5  Audit trail               GET /api/v1/documents/ID/history
     invoice.created by First key; stock.reserved by First key
  6  Event published           GET /api/v1/events?subject=invoice/ID
"""


def test_a_run_shows_the_seven_effects_and_a_second_one_finds_the_same_company(tmp_path: Path) -> None:
    folder = tmp_path / ".local"
    process, printed = serving(folder)
    try:
        shown = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", printed)
        assert "answered 201: INV-" in shown
        assert EFFECTS in shown
        assert "invoice.created goes to applet-custom_approval, reporting-on_invoice_created" in shown
        assert "receivables 1287.00 USD; sold: 10 PROD001" in shown
        credentials = json.loads((folder / "credentials.json").read_text())
        assert stat.S_IMODE((folder / "credentials.json").stat().st_mode) == 0o600
        assert set(credentials) == {"url", "api_key", "tenant_id", "operator_key"}
        assert f"BigLedger is running at {credentials['url']}" in printed
        with httpx.Client(base_url=credentials["url"], trust_env=False, timeout=30) as api:
            api.headers["Authorization"] = f"Bearer {credentials['api_key']}"
            invoices = api.get("/api/v1/invoices").json()["data"]
            assert [invoice["total"] for invoice in invoices] == ["1287.00"]
            # A large invoice is reviewed: the approval rule holds it, and the applet asks for a review of its own.
            large = {"customer": "CUST002", "items": [{"product": "PROD001", "quantity": 90}], "draft": True}
            made = api.post("/api/v1/invoices", json=large, headers={"Idempotency-Key": "large"})
            assert made.status_code == 201, made.text
            deadline = time.monotonic() + 20
            while not (found := api.get("/api/v1/approvals").json()["data"]):
                assert time.monotonic() < deadline, "the applet did not ask for a review"
                time.sleep(0.05)
            assert [(one["reason"], one["requested_by"]["kind"]) for one in found] == [("above 10,000", "applet")]
            # What is made of the company keeps it from no later start: many reads now ask which company is meant.
            body = {"code": "EAST", "name": "East", "currency": "USD", "jurisdiction": "US-NY"}
            assert api.post("/api/v1/companies", json=body, headers={"Idempotency-Key": "east"}).status_code == 201
            assert api.get("/api/v1/reports/kpis").status_code == 422
    finally:
        errors = stop(process, signal.SIGINT)
    assert errors == ""

    process, printed = serving(folder)
    try:
        again = json.loads((folder / "credentials.json").read_text())
        assert {**again, "url": ""} == {**credentials, "url": ""}
        assert "Demo company  as you left it" in printed
        assert "First invoice  made at an earlier start" in printed
        with httpx.Client(base_url=again["url"], trust_env=False, timeout=30) as api:
            api.headers["Authorization"] = f"Bearer {again['api_key']}"
            assert len(api.get("/api/v1/invoices").json()["data"]) == 2
    finally:
        stop(process, signal.SIGTERM)


def test_a_busy_port_is_told_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refused(tmp_path, PORT=str(port))
    other_port = port + 1 if port < 65535 else 8080
    assert said == (
        f"Port {port} is used by another program. Stop that one, or choose another port: make run PORT={other_port}"
    )


def test_a_half_written_data_directory_is_told(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("18\n")
    said = refused(tmp_path, PORT="0")
    assert "is not a complete data directory: global/pg_control is missing" in said
    assert "`make clean`" in said


def test_a_damaged_state_is_told(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text('{"operator_key": ')
    assert "state.json is damaged" in refused(tmp_path, PORT="0")


def test_a_server_that_does_not_answer_is_told_without_its_password(tmp_path: Path) -> None:
    said = refused(tmp_path, PORT="0", DATABASE_URL="postgresql://owner:hidden@127.0.0.1:1/nothing")
    assert said.startswith("The database postgresql://owner:…@127.0.0.1:1/nothing cannot be used:")
    assert "hidden" not in said


def test_options_come_from_the_environment() -> None:
    assert from_environment({}) == Options()
    given = from_environment({"PORT": "9000", "WORKERS": "4", "THREADS": "1", "DATABASE_URL": "postgresql://o@h/d"})
    assert given == Options(port=9000, workers=4, threads=1, database_url="postgresql://o@h/d")


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "eighty"), ("PORT", "65536"), ("WORKERS", "0"), ("THREADS", "-1")]
)
def test_a_value_that_makes_no_sense_is_told(name: str, value: str) -> None:
    with pytest.raises(CloudError, match=f"{name} has to be a number from"):
        from_environment({name: value})
