"""A second opinion: an emulator that is not ours deploys what `sam build` made, and its routes answer as published.

The whole stack is deployed: HTTP API, authorizer, functions with the built layers, bus, queues, secrets. Only the
database is a stand-in: the Data API of the local cloud over a Postgres of its own. The calls go through the emulator's
gateway, and their answers are held against the examples of the published contract.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bigledger.kernel.clock import Clock
from bigledger.platform.secrets import digest, new_operator_secret
from devtools.deploy.build import BUILT
from devtools.deploy.emulator import Emulator
from devtools.deploy.package import BUCKET, package, upload
from devtools.deploy.tree import stacks
from devtools.environment import ROOT
from devtools.generate.recorded import read
from devtools.local.cloudformation import REGION
from devtools.local.databases import Database, embedded, migrate
from devtools.local.deploy import OPERATOR_SECRET, STACK
from devtools.local.network import LOOPBACK, free_port
from devtools.local.postgres import PostgresServer
from devtools.local.progress import Note
from devtools.local.rds_data import Cluster
from devtools.local.rds_data_server import DataApiServer

DEPLOYMENT_TIMEOUT = 120.0
DELIVERY_TIMEOUT = 120.0
"""Seconds until an event has gone through relay, bus, queue and subscriber, each of them started anew."""

_RELAY = f"{STACK}-events-relay_events"
_SINCE = "2020-01-01"

COMPANY: dict[str, Any] = {"name": "Test", "company": {"currency": "USD", "jurisdiction": "US-CA"}, "mode": "test"}
SET_UP: list[tuple[str, dict[str, Any]]] = [
    (
        "taxes",
        {"code": "STATE", "name": "State", "jurisdiction": "US-CA", "sequence": 10, "account": "2200"}
        | {"rates": [{"rate": "0.06", "valid_from": _SINCE}]},
    ),
    (
        "taxes",
        {"code": "CITY", "name": "City", "jurisdiction": "US-CA-SF", "sequence": 20, "account": "2200"}
        | {"rates": [{"rate": "0.0125", "valid_from": _SINCE}]},
    ),
    ("tax-rules", {"code": "CA", "name": "California", "jurisdiction": "US-CA", "taxes": ["STATE"]}),
    ("tax-rules", {"code": "SF", "name": "San Francisco", "jurisdiction": "US-CA-SF", "taxes": ["CITY"]}),
    (
        "customers",
        {"code": "CUST001", "name": "Lighthouse Books", "jurisdiction": "US-CA-SF", "payment_terms": "NET30"}
        | {"credit_limit": "50000.00"},
    ),
    ("products", {"code": "PROD001", "name": "Reading lamp", "unit": "EA", "sales_price": "120.00"}),
    ("stock-movements", {"items": [{"product": "PROD001", "quantity": "100", "unit_cost": "60.00"}]}),
]
"""The company of the published examples, as far as they need it: what is made by POST to which resource."""

EXAMPLES = ("platform.get_health", "tax.quote_tax", "receivables.create_invoice")
"""The calls whose answers have to be those of the published examples, in this order."""


class Differs(Exception):
    """The emulator refused the deployment, or an answer is not as published; the message says which and how."""


@dataclass(frozen=True)
class Opinion:
    """What was deployed and called."""

    routes: int
    functions: int
    calls: int
    statements: int
    left_out: Counter[str]


def ask(note: Note, template: Path = BUILT / "template.yaml", root: Path = ROOT) -> Opinion:
    """Deploy the built template and call its routes. Raises Differs, or EmulatorUnavailable if there is no emulator."""
    with ExitStack() as running:
        emulator = running.enter_context(Emulator())
        note.show("starting Postgres")
        database = _database(running)
        note.show("deploying the stack")
        port = free_port()
        left_out = _deploy(emulator, template, {"AWS_ENDPOINT_URL_RDS_DATA": f"http://{LOOPBACK}:{port}"})
        found = emulator.client("lambda").get_paginator("list_functions").paginate()
        environments = [one["Environment"]["Variables"] for page in found for one in page["Functions"]]
        _spare(emulator)
        data_api = DataApiServer(_cluster(environments, database), port).start()
        running.callback(data_api.stop)
        key = new_operator_secret(Clock()).text
        emulator.client("secretsmanager").put_secret_value(SecretId=OPERATOR_SECRET, SecretString=digest(key))
        gateway = emulator.client("apigatewayv2")
        (api,) = gateway.get_apis()["Items"]
        routes = len(gateway.get_routes(ApiId=api["ApiId"], MaxResults="500")["Items"])
        calls = 0
        with emulator.api(api["ApiId"]) as client:
            try:
                for told in _story(client, key, root):
                    calls += 1
                    note.show(told)
            except (Differs, httpx.TransportError) as error:
                raise Differs(f"{error}\nThe end of what the emulator said:\n{emulator.log}") from error
        return Opinion(routes, len(environments), calls, data_api.api.calls["Execute"], left_out)


def differences(expected: Any, answer: Any, place: str = "") -> Iterator[str]:
    """Where two JSON values differ, ids, dates and the year of numbers aside."""
    if isinstance(expected, dict) and isinstance(answer, dict):
        for name in sorted(expected.keys() | answer.keys()):
            if name not in answer or name not in expected:
                yield f"{place}/{name} is only in the {'example' if name in expected else 'answer'}"
            else:
                yield from differences(expected[name], answer[name], f"{place}/{name}")
    elif isinstance(expected, list) and isinstance(answer, list) and len(expected) == len(answer):
        for number, (one, other) in enumerate(zip(expected, answer, strict=True)):
            yield from differences(one, other, f"{place}/{number}")
    elif _masked(expected) != _masked(answer):
        yield f"{place} is {json.dumps(answer)} and not {json.dumps(expected)}"


_IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_NUMBER = re.compile(r"\A([A-Z]+)-\d{4}-(\d{6})\Z")


def _masked(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return _NUMBER.sub(r"\1-year-\2", _DATE.sub("date", _IDENTIFIER.sub("id", value)))


def _database(running: ExitStack) -> Database:
    folder = running.enter_context(tempfile.TemporaryDirectory(prefix="bigledger-opinion-"))
    server = running.enter_context(PostgresServer.start(Path(folder, "postgres"), durable=False))
    database = embedded(server)
    migrate(database)
    return database


def _cluster(environments: list[dict[str, str]], database: Database) -> Cluster:
    """What the Data API has to serve: the cluster and the secrets that the functions were given."""
    clusters, secrets = set(), {}
    for variables in environments:
        for name in ("DATABASE_URL", "DISPATCHER_DATABASE_URL"):
            if variables.get(name):
                asked = httpx.URL(variables[name]).params
                clusters.add(asked["aurora_cluster_arn"])
                secrets[asked["secret_arn"]] = database.behind(asked["secret_arn"])
    (cluster,) = clusters
    return Cluster(cluster, secrets)


def _deploy(emulator: Emulator, template: Path, variables: dict[str, str]) -> Counter[str]:
    """Create the stack; answers what the emulator has not, by type. Raises Differs with the events that failed."""
    store = emulator.client("s3")
    store.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})

    def put(key: str, content: bytes) -> None:
        store.put_object(Bucket=BUCKET, Key=key, Body=content)

    documents, left_out = package(stacks(template), put, variables)
    url = upload(documents, put, lambda key: f"{emulator.url}/{BUCKET}/{key}")
    formation = emulator.client("cloudformation")
    capabilities = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
    formation.create_stack(StackName=STACK, TemplateURL=url, Capabilities=capabilities)
    deadline = time.monotonic() + DEPLOYMENT_TIMEOUT
    while True:
        (stack,) = formation.describe_stacks(StackName=STACK)["Stacks"]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return left_out
        if not stack["StackStatus"].endswith("_IN_PROGRESS") or time.monotonic() > deadline:
            failed = [
                f"{event['LogicalResourceId']} ({event['ResourceType']}): {event.get('ResourceStatusReason', '')}"
                for event in formation.describe_stack_events(StackName=STACK)["StackEvents"]
                if event["ResourceStatus"].endswith("_FAILED")
            ]
            raise Differs(f"The stack is {stack['StackStatus']}.\n" + "\n".join(failed))
        time.sleep(0.2)


def _spare(emulator: Emulator) -> None:
    """Keep processes few, since each unpacks the layers: one relay, which every write nudges, and no other timer."""
    emulator.client("lambda").put_function_concurrency(FunctionName=_RELAY, ReservedConcurrentExecutions=1)
    events = emulator.client("events")
    for rule in events.list_rules()["Rules"]:
        if "ScheduleExpression" in rule and rule["Name"] != _RELAY:
            events.disable_rule(Name=rule["Name"])


def _story(client: httpx.Client, operator_key: str, root: Path) -> Iterator[str]:
    """Call the routes; tells each call once it is answered as it has to be. Raises Differs."""
    examples = read(root).answers

    def call(method: str, path: str, key: str | None, status: int, body: Any = None, **headers: str) -> Any:
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        response = client.request(method, path, json=body, headers=headers)
        if response.status_code != status:
            raise Differs(f"{method} {path} answered {response.status_code} and not {status}: {response.text}")
        return response.json()

    def example(name: str, key: str | None) -> str:
        request, told = examples[name]["request"], examples[name]["response"]
        answer = call(request["method"], request["path"], key, told["status"], request["body"])
        found = list(differences(told["body"], answer))
        if found:
            raise Differs(f"{name} does not answer as published:\n" + "\n".join(found))
        return f"{request['method']} {request['path']}"

    health, *business = EXAMPLES
    yield example(health, None)
    call("GET", "/api/v1/invoices", None, 401)
    yield "GET /api/v1/invoices without a key"
    made = call("POST", "/api/v1/tenants", operator_key, 201, COMPANY, **{"Idempotency-Key": "second-opinion"})
    yield "POST /api/v1/tenants"
    key = str(made["api_key"])
    for resource, body in SET_UP:
        call("POST", f"/api/v1/{resource}", key, 201, body)
        yield f"POST /api/v1/{resource}"
    for name in business:
        yield example(name, key)
    unknown = {"customer": "NOBODY", "items": [{"product": "PROD001", "quantity": 1}]}
    refused = call("POST", "/api/v1/invoices", key, 422, unknown)
    _expect("the refusal's code", refused["code"], "unknown_reference")
    yield "POST /api/v1/invoices for an unknown customer"
    deadline = time.monotonic() + DELIVERY_TIMEOUT
    while True:
        revenue = call("GET", "/api/v1/reports/kpis", key, 200)["revenue"]["month"]
        yield "GET /api/v1/reports/kpis"
        if revenue == "1200.00":
            return
        if time.monotonic() > deadline:
            raise Differs(f"The invoice's event did not reach the key figures; the month's revenue is {revenue}.")
        time.sleep(1)


def _expect(what: str, answer: Any, expected: Any) -> None:
    if answer != expected:
        raise Differs(f"{what} is {answer!r} and not {expected!r}")
