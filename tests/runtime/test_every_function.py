"""Every function, from what is built and under AWS's own runtime client, does what it does here.

Nothing is on the path but the layers that its template names, its own folder and the client; the database is reached by
the Data API. Each is called once, so that one which lacks a file, a package or a variable fails by its name.
"""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bigledger.kernel import Operation, Schedule, Subscriber, runtime
from bigledger.kernel.authorizer import Authorizer
from bigledger.kernel.deployment import Hook
from devtools.local.databases import Database
from devtools.local.deploy import STACK
from devtools.local.lambda_build import Artifacts
from devtools.local.lambda_cloud import secrets_of
from devtools.local.lambda_process import Setup
from devtools.local.lambda_server import Service
from devtools.local.network import free_port
from devtools.local.rds_data import Cluster
from devtools.local.rds_data_server import DataApiServer
from devtools.local.templates import Deployment
from tests.runtime.served import Served
from tests.structure.requests import request
from tests.structure.sources import function_files
from tests.support import data_api
from tests.support.api import Api, find
from tests.support.database import plain_url
from tests.support.day import moving_clock, runtime_of_the_day
from tests.support.world import OPERATOR, World, make_tenant

pytestmark = pytest.mark.one_driver  # always the Data API

FUNCTIONS = [find(f"{path.parent.name}.{path.stem}") for path in function_files()]

VOLATILE = re.compile(
    r"""[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[0-9:.]+(Z|\+00:00)|blg_\w+|"done": \d+"""
)
"""What differs from one call to the next: ids, instants, secrets, and how much of the work is still to do."""


@pytest.fixture(scope="module")
def codedeploy() -> Iterator["CodeDeploy"]:
    """The service that the pre-traffic hook reports to."""
    service = CodeDeploy()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def served(
    owner_url: str,
    deployment: Deployment,
    artifacts: Artifacts,
    codedeploy: "CodeDeploy",
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """The functions, over the Data API on this worker's database."""
    application = plain_url()
    reader = application.replace("bigledger_application", "bigledger_reader")
    roles = Database(owner_url, application, plain_url("DISPATCHER_DATABASE_URL"), reader)
    secrets = secrets_of(deployment.functions.values(), roles)
    server = DataApiServer(Cluster(data_api.CLUSTER, secrets)).start()
    port = free_port()
    variables = data_api.variables(server) | {
        "AWS_ENDPOINT_URL_CODEDEPLOY": f"http://127.0.0.1:{codedeploy.server_port}",
        "AWS_ENDPOINT_URL_LAMBDA": f"http://127.0.0.1:{port}",
    }
    try:
        client = runtime_of_the_day(artifacts.runtime, tmp_path_factory.mktemp("runtime"))
        setup = Setup(client, artifacts.layers, artifacts.functions, variables)
        with Served(Service(deployment.functions, setup, limit=8), port) as running:
            yield running
    finally:
        server.stop()


@pytest.fixture(scope="module")
def world(owner_url: str) -> World:
    """A tenant with everything in it, on the day that it is for the functions."""
    before, runtime.clock = runtime.clock, moving_clock()
    try:
        return World(make_tenant("Confidential"))
    finally:
        runtime.clock = before


class CodeDeploy(HTTPServer):
    """The service that knows what a deployment brings: here a new version of one function."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _CodeDeployHandler)
        self.told: list[Any] = []
        self._thread = threading.Thread(target=self.serve_forever)
        self._thread.start()

    def stop(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _CodeDeployHandler(BaseHTTPRequestHandler):
    server: CodeDeploy

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        version = {"functionName": f"{STACK}-platform-get_health", "targetVersion": "2"}
        answers = {
            "ListDeploymentTargets": {"targetIds": ["one"]},
            "BatchGetDeploymentTargets": {
                "deploymentTargets": [{"lambdaTarget": {"lambdaFunctionInfo": version}}],
            },
            "PutLifecycleEventHookExecutionStatus": {},
        }
        self.server.told.append((operation, said))
        body = json.dumps(answers[operation]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing is logged."""


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: f"{function.module}.{function.name}")
def test_a_built_function_answers_as_the_one_here(
    function: Any, served: Served, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "clock", moving_clock())
    event: Any = {}
    match function:
        case Operation():
            event = good_request(function, world)
            here = function(event, None)
            assert here["statusCode"] < 300, here
        case Subscriber():
            event = unreadable(function, world)
            here = function(event, None)
            assert here == {"batchItemFailures": []}
        case Authorizer():
            context = {"requestId": "request"}
            event = {"headers": {"authorization": f"Bearer {world.key['api_key']}"}, "requestContext": context}
            here = function(event, None)
            assert here["context"]["tenant_id"] == str(world.api.tenant_id)
        case Schedule():
            # There is no bus here; tests of the whole local cloud publish.
            with psycopg.connect(plain_url("DISPATCHER_DATABASE_URL")) as connection:
                connection.execute("DELETE FROM kernel.outbox")
            here = function(event, None)
        case Hook():
            event = {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "h-1"}
            here = {"status": "Succeeded"}
        case _:
            raise AssertionError(f"{function} is of no known kind")
    there = served.call(f"{STACK}-{function.module}-{function.name}", event)
    assert not there.error, there.value
    assert masked(there.value) == masked(here)


def good_request(operation: Operation[Any, Any], world: World) -> Any:
    """The gateway's event for something that the operation does; it is tried only, where it writes."""
    name = f"{operation.module}.{operation.name}"
    made = request(name, world)
    query = dict(made.query) | ({"dry_run": "true"} if operation.writes else {})
    caller: Api = OPERATOR if name == "platform.create_tenant" else world.api
    return caller.event(operation, made.body, path=made.path, query=query, headers=made.headers)


def unreadable(subscriber: Subscriber, world: World) -> Any:
    """A delivery of an event in a version that nobody knows yet: it is put aside, as a document of the tenant."""
    envelope = {**world.event, "type": subscriber.event.type, "version": 999}
    record = {"messageId": "1", "body": json.dumps({"detail": envelope}), "attributes": {}}
    return {"Records": [record]}


def masked(answer: Any) -> str:
    """The answer without what differs each time."""
    return VOLATILE.sub("…", json.dumps(answer, sort_keys=True))


def test_what_is_deployed_is_what_is_in_the_functions_folders(deployment: Deployment, artifacts: Artifacts) -> None:
    written = {f"{STACK}-{path.parent.name}-{path.stem}" for path in function_files()}
    assert set(deployment.functions) == written == set(artifacts.functions)
    layers = {tuple(function.layers) for function in deployment.functions.values()}
    assert layers == {(f"{STACK}-dependencies", f"{STACK}-bigledger")}
    assert set(artifacts.layers) == set(*layers)


def test_every_file_of_the_layers_is_compiled_and_nobody_checks_its_source_again(artifacts: Artifacts) -> None:
    """Where the file cannot be written, what is not compiled is compiled at each cold start."""
    for layer in artifacts.layers.values():
        sources = {path for path in Path(layer).rglob("*.py") if path.stem.isidentifier()}
        compiled = list(Path(layer).rglob("*.cpython-311.pyc"))
        named = {path.parent.parent / f"{path.name.removesuffix('.cpython-311.pyc')}.py" for path in compiled}
        assert len(sources) > 50
        assert sorted(path.name for path in sources - named) == []
        assert {path.read_bytes()[4:8] for path in compiled} == {b"\1\0\0\0"}


def test_no_layer_hides_a_file_of_another_and_all_fit_into_lambda(artifacts: Artifacts) -> None:
    contents = [{path.relative_to(layer) for path in Path(layer).rglob("*") if path.is_file()}
                for layer in artifacts.layers.values()]  # fmt: skip
    assert set.intersection(*contents) == set()
    files = [path for layer in artifacts.layers.values() for path in Path(layer).rglob("*") if path.is_file()]
    largest = max(
        sum(path.stat().st_size for path in Path(folder).rglob("*")) for folder in set(artifacts.functions.values())
    )
    assert sum(path.stat().st_size for path in files) + largest < 250 * 1024 * 1024, "Lambda unpacks 250 MB at most"


def test_the_service_can_be_kept_in_a_file(deployment: Deployment, artifacts: Artifacts, tmp_path: Path) -> None:
    service = Service(deployment.functions, Setup(artifacts.runtime, artifacts.layers, artifacts.functions, {}), 8)
    service.write(tmp_path / "lambda.json")
    assert asdict(Service.read(tmp_path / "lambda.json")) == asdict(service)


def test_a_function_says_that_it_is_ready_when_a_deployment_asks(served: Served, codedeploy: CodeDeploy) -> None:
    """CodeDeploy calls the hook, the hook the new version, and that one tries its database."""
    asked = {"DeploymentId": "d-2", "LifecycleEventHookExecutionId": "h-2"}
    assert served.call(f"{STACK}-platform-check_deployment", asked).value == {"status": "Succeeded"}
    assert codedeploy.told[-1] == (
        "PutLifecycleEventHookExecutionStatus",
        {"deploymentId": "d-2", "lifecycleEventHookExecutionId": "h-2", "status": "Succeeded"},
    )
