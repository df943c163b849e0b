"""The guides say what is true: their commands exist, their calls work, their names are the templates'."""

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from devtools import cli
from devtools.local.cloudformation import load
from devtools.operate import deploy_check
from tests.platform.callers import bearer
from tests.platform.served import Served
from tests.support.api import Api
from tests.support.ledger import Books

ROOT = deploy_check.ROOT
MOVING_IN = (ROOT / "docs" / "moving-in.md").read_text()
DEPLOYING = (ROOT / "docs" / "deploying.md").read_text()
OPERATING = (ROOT / "docs" / "operating.md").read_text()
TEMPLATE = load(ROOT / "template.yaml")


def blocks(text: str) -> Iterator[str]:
    """The lines of a guide's shell blocks, those that go on put together."""
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        yield from re.sub(r"\\\n\s*", "", block).splitlines()


def commands(text: str) -> Iterator[list[str]]:
    """The words of every `bigledger` command of a guide, in blocks and in the running text."""
    inline = re.findall(r"`bigledger ([a-z][^`]*)`", text)
    for line in [*blocks(text), *(f".venv/bin/bigledger {one}" for one in inline)]:
        for part in line.split("&&"):
            words = shlex.split(part, comments=True)
            if words[:1] == [".venv/bin/bigledger"]:
                yield words[1:]


GUIDES = pytest.mark.parametrize("text", [DEPLOYING, OPERATING, MOVING_IN], ids=["deploying", "operating", "moving in"])


@GUIDES
def test_every_command_exists_with_its_options(text: str) -> None:
    found = list(commands(text))
    assert len(found) >= 4
    for name, *arguments in found:
        assert name in cli._HAND_OVER, name
        command = import_module(cli._HAND_OVER[name][0])
        if arguments and "--help" not in arguments:
            command.parser().parse_args(arguments)


def test_the_first_invoice_is_made_as_it_says(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    key = api.call("create_api_key", {"name": "First", "roles": ["admin"]}).expect(201)["api_key"]
    assert bearer(key).authorizer["permissions"] == "*"
    client = Served().client(key)
    calls = re.findall(r"^call (\S+)(?: '(.*)')?$", DEPLOYING, re.MULTILINE)
    assert [path for path, _ in calls] == [
        *["health", "auth/verify", "customers", "products", "invoices", "reports/trial-balance", "events"]
    ]
    answers: dict[str, Any] = {}
    for path, body in calls:
        url = f"/api/v1/{path}"
        answer = client.post(url, content=body) if body else client.get(url)
        assert answer.is_success, answer.text
        answers[path] = answer.json()
    assert answers["invoices"]["total"] == "150.00"
    balances = {row["account"]["code"]: row["balance"] for row in answers["reports/trial-balance"]["rows"]}
    assert (balances["1200"], balances["4000"]) == ("150.00", "-150.00")
    assert "invoice.created" in {event["type"] for event in answers["events"]["data"]}


def test_every_parameter_is_told() -> None:
    parameters = set(TEMPLATE["Parameters"]) - {"DatabaseName"}
    assert [name for name in sorted(parameters) if f"`{name}" not in DEPLOYING] == []


def test_every_stage_has_the_parameters_that_are_told() -> None:
    stages = tomllib.loads((ROOT / "samconfig.toml").read_text())
    told = re.findall(r"^\| `(\w+)` \| ([^|]*) \| ([^|]*) \| ([^|]*) \|", DEPLOYING, re.MULTILINE)
    defaults = {name: str(one.get("Default", "")) for name, one in TEMPLATE["Parameters"].items()}
    words = {"CodeDeployDefault.LambdaAllAtOnce": "at once"}
    words["CodeDeployDefault.LambdaCanary10Percent5Minutes"] = "a tenth for five minutes"
    for place, stage in enumerate(("default", "staging", "prod"), start=1):
        given = dict(one.split("=") for one in stages[stage]["deploy"]["parameters"]["parameter_overrides"].split())
        for row in told:
            value = (defaults | given)[row[0]]
            assert row[place].strip() == words.get(value, value), (stage, row[0])
        assert set(given) <= {row[0] for row in told}, stage


def test_every_alarm_is_told() -> None:
    paths = [*ROOT.glob("infrastructure/*.yaml"), *ROOT.glob("functions/*/template.yaml"), ROOT / "template.yaml"]
    alarms = {
        re.sub(r"^[A-Z]\w+(Crashes|Failures)$", r"<Operation>\1", name)
        for path in paths
        for name, resource in load(path)["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }
    told = set(re.findall(r"^\| `([<>\w]+)` \|", OPERATING, re.MULTILINE))
    assert alarms == told - {"<prefix>"}


@GUIDES
def test_every_route_is_one_of_the_contract(text: str) -> None:
    contract = json.loads((ROOT / "layers/bigledger/bigledger/openapi.json").read_text())
    known = {re.sub(r"{\w+}", "{}", path) for path in contract["paths"]}
    for path in re.findall(r"(?:/api/v1|\$URL/api/v1)(/[\w./{}$-]+)", text):
        written = "/api/v1" + re.sub(r"\{\w+\}|\$[A-Z]+|receivables\.\w+", "{}", path)
        if written != "/api/v1/$1" and path.strip("/") != "{}":
            assert written in known, path


def test_links_lead_somewhere() -> None:
    for text in (DEPLOYING, OPERATING, MOVING_IN):
        for target in re.findall(r"\]\(([^)]+)\)", text):
            place, _, anchor = target.partition("#")
            source = (ROOT / "docs" / place).read_text() if place else text
            headings = {
                re.sub(r"[^\w -]", "", line.lstrip("# ")).lower().replace(" ", "-")
                for line in source.splitlines()
                if line.startswith("#")
            }
            assert not anchor or anchor in headings or f'id="{anchor}"' in source, target


def test_the_open_items_of_the_guide_come_in_as_it_says(books: Books) -> None:
    api = books.api
    api.record("customers", code="CUST001", name="Harbour Hotel", jurisdiction="US-CA")
    api.record("suppliers", code="SUPP001", name="Nordic Print", jurisdiction="DE", currency="EUR")
    rate = {"currency": "EUR", "base_currency": "USD", "date": "2025-12-31", "rate": "1.10"}
    api.call("set_exchange_rates", {"rates": [rate]}).expect(201)
    books.year(2025)
    (text,) = re.findall(r"```csv\n(.*?)```", MOVING_IN, re.DOTALL)
    made = api.call("create_import", {"kind": "opening_items", "text": text}).expect(201).json
    assert (made["status"], made["errors"]) == ("validated", [])
    api.call("commit_import", path={"id": made["id"]}, headers={"Idempotency-Key": "moving in"}).expect(200)
    assert books.balances(as_of="2025-12-31")["1200"] == "1190.00"


@pytest.fixture
def books(api: Api) -> Books:
    """The books of a company without master data but its set-up."""
    return Books(api)
