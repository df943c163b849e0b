"""The published contract, held against the gateway with requests that are drawn from it.

The gateway is that of the local cloud, in this process: it finds the function by the generated templates and asks the
authorizer about the key. Only the network is missing.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any
from uuid import UUID

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bigledger.records import RESOURCES
from devtools.local.deploy import STACK, parameters_of_modules, templates_of_modules
from devtools.local.gateway import Gateway
from devtools.local.templates import Template, deployment_of
from tests.simulation.ground import Ground, ground
from tests.support import data_api
from tests.support.api import Api
from tests.support.world import World, make_tenant, world_clock

ROOT = Path(__file__).parents[2]
WORLD = "world"

CONTRACT: dict[str, Any] = json.loads((ROOT / "layers/bigledger/bigledger/openapi.json").read_text(encoding="utf-8"))
"""The published contract."""

METHODS = ("get", "post", "put", "patch", "delete")

OPERATIONS: Mapping[str, dict[str, Any]] = {
    f"{method.upper()} {path}": operation
    for path, methods in CONTRACT["paths"].items()
    for method, operation in methods.items()
    if method in METHODS and path != "/api/v1/openapi.json"
}
"""Every operation of the contract by method and path, but that which answers the contract itself."""

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
"""No server error, no answer that the contract does not know, and each as its schema says."""

NEGATED = [*CHECKS, negative_data_rejection]
"""What holds besides for requests that the contract forbids: they are refused."""

SETTINGS = settings(
    deadline=None, derandomize=True, database=None, print_blob=True, suppress_health_check=list(HealthCheck)
)

_KINDS = {
    "invoices": "invoice",
    "payments": "payment",
    "approvals": "approval",
    "stock-reservations": "stock_reservation",
    "api-keys": "api_key",
    "dead-letters": "dead_letter",
    **{name: resource.type for name, resource in RESOURCES.items()},
}


class Contract:
    """A gateway over one tenant that is in the middle of its day, and the operations as schemathesis sees them."""

    def __init__(self, made: Ground) -> None:
        shared = {"Stack": STACK, "DatabaseClusterArn": data_api.CLUSTER, "DatabaseName": "fuzzed"}
        top = Template.read(ROOT / "template.yaml", STACK, shared)
        modules = templates_of_modules(ROOT, shared, parameters_of_modules(top))
        self._ground = made
        self._gateway = Gateway(deployment_of(modules))
        self._schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", self._answer)
        assert self._schema.raw_schema == CONTRACT
        self.operations = {found.ok().label: found.ok() for found in self._schema.get_all_operations()}

    def tenant(self) -> "Caller":
        """A fresh copy of the tenant, and a key of its administrator."""
        return Caller(self._ground.copy(WORLD))

    def fuzz(self, label: str, caller: "Caller", mode: GenerationMode, how: settings) -> dict[int, int]:
        """Send an operation what the contract allows (or, negated, forbids); answers how often each status came."""
        operation, told = self.operations[label], OPERATIONS[label]
        counted: dict[int, int] = {}

        @how
        @given(data=st.data())
        def sent(data: st.DataObject) -> None:
            case = data.draw(operation.as_strategy(generation_mode=mode))
            if mode is GenerationMode.POSITIVE:
                caller.make_meaningful(case, told, data.draw)
            response = case.call(headers=caller.headers)
            case.validate_response(response, checks=CHECKS if mode is GenerationMode.POSITIVE else NEGATED)
            counted[response.status_code] = counted.get(response.status_code, 0) + 1

        sent()
        return counted

    def unknown(self, label: str, caller: "Caller") -> None:
        """Hold an operation against callers without a key, with one of nobody, and with one that was changed."""

        @settings(SETTINGS, max_examples=1)
        @given(case=self.operations[label].as_strategy())
        def sent(case: schemathesis.Case[Any]) -> None:
            for headers in ({}, {"Authorization": "Bearer nobody"}, {"Authorization": caller.broken}):
                response = case.call(headers=headers)
                assert response.status_code == 401, f"{headers}: {response.status_code} {response.text}"
                case.validate_response(response, checks=CHECKS)

        sent()

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        environ.setdefault("REMOTE_ADDR", "127.0.0.1")
        return self._gateway(environ, start_response)


class Caller:
    """An administrator of a tenant, and what there is to ask about."""

    def __init__(self, api: Api) -> None:
        self.api = api
        made = api.call("create_api_key", {"name": "Fuzzing", "roles": ["admin"]}).expect(201)
        self.headers = {"Authorization": f"Bearer {made['api_key']}"}
        self.broken = f"Bearer {made['api_key'][:-1]}{'a' if made['api_key'][-1] != 'a' else 'b'}"
        rows = api.rows("SELECT type, id::text, number FROM kernel.document ORDER BY type, id")
        self._known: dict[str, list[str]] = {}
        for row in rows:
            if row.id != made["id"]:
                self._known.setdefault(row.type, []).append(row.id)
            if row.number is not None and row.type in {resource.type for resource in RESOURCES.values()}:
                self._known[row.type].append(row.number)
        self._known["event"] = [row.id for row in api.rows("SELECT id::text FROM kernel.event ORDER BY id")]
        self._known["tenant"] = [str(api.tenant_id)]
        self._known["document"] = [row.id for row in rows]
        self.events = len(self._known["event"])

    def make_meaningful(self, case: schemathesis.Case[Any], told: Mapping[str, Any], draw: Callable[..., Any]) -> None:
        """Let a request be about things that exist, mostly: its path, and what its body has of the example."""
        if "id" in (case.path_parameters or {}) and draw(st.integers(0, 3)):
            collection = case.operation.path.split("/{id}")[0].rpartition("/")[2]
            known = self._known.get(_KINDS.get(collection, collection.removesuffix("s")), [])
            if known:
                case.path_parameters["id"] = draw(st.sampled_from(known))
        for name in {"product", "location", "company", "customer"} & {*(case.query or {})}:
            case.query[name] = draw(st.sampled_from(self._known[name]))
        example = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
        if isinstance(case.body, dict) and isinstance(example, dict) and draw(st.integers(0, 3)):
            kept = draw(st.sets(st.sampled_from(sorted(case.body)))) if case.body else set()
            case.body = deepcopy(example) | {name: case.body[name] for name in kept}
        if case.headers is not None and "If-Match" in case.headers and draw(st.booleans()):
            case.headers["If-Match"] = draw(st.sampled_from(['"1"', '"2"', "*"]))


def _world() -> UUID:
    with world_clock():
        tenant = World(make_tenant("Fuzzed")).api.tenant_id
    assert tenant is not None
    return UUID(str(tenant))


@contextmanager
def contract(admin_url: str, name: str) -> Iterator[Contract]:
    """The contract over a database of its own."""
    with ground(admin_url, name, {WORLD: _world}) as made:
        yield Contract(made)
