"""The processes of the local cloud that run functions as Lambda does, over the Data API, instead of calling them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qs, urlsplit

from devtools.local import aws
from devtools.local.databases import Database
from devtools.local.deploy import CLUSTER, STACK
from devtools.local.lambda_build import Artifacts, build, built_by_sam
from devtools.local.lambda_client import SERVICE
from devtools.local.lambda_process import Setup
from devtools.local.lambda_server import Service
from devtools.local.network import LOOPBACK, free_port
from devtools.local.options import Options
from devtools.local.processes import QUIET, Process
from devtools.local.provision import ISSUER
from devtools.local.rds_data_server import CLUSTER as SERVED
from devtools.local.scheduler import is_relay
from devtools.local.state import CloudError, Folder
from devtools.local.templates import Deployment, Function


class LambdaRuntime:
    """What is built and started when each function is to run in processes of its own."""

    def __init__(self, options: Options, folder: Folder) -> None:
        self._options = options
        self._folder = folder
        self._port, self._data_api_port = free_port(), free_port()
        self.url = f"http://{LOOPBACK}:{self._port}"
        """Where functions are called."""

    def build(self, deployment: Deployment) -> Artifacts:
        """Build what the functions consist of, or take what `sam build` made. Raises CloudError."""
        functions = deployment.functions.values()
        if self._options.artifacts is None:
            return build(self._options.root / "template.yaml", STACK, functions)
        artifacts = built_by_sam(self._options.artifacts, STACK)
        missing = sorted(deployment.functions.keys() - artifacts.functions)
        if missing:
            raise CloudError(f"{self._options.artifacts} has no {missing[0]}. Build it again: sam build")
        return artifacts

    def processes(
        self, deployment: Deployment, artifacts: Artifacts, database: Database, services_url: str
    ) -> Iterator[Process]:
        """The processes, in the order they are started in."""
        variables = {
            **aws.variables(services_url),
            "AWS_SESSION_TOKEN": "local",
            "AWS_ENDPOINT_URL_LAMBDA": self.url,
            "AWS_ENDPOINT_URL_RDS_DATA": f"http://{LOOPBACK}:{self._data_api_port}",
        }
        setup = Setup(artifacts.runtime, artifacts.layers, artifacts.functions, variables)
        functions = {name: _here(function, services_url) for name, function in deployment.functions.items()}
        for timer in deployment.timers:
            if is_relay(timer):
                relay = functions[timer.function]
                functions[relay.name] = dataclasses.replace(relay, environment={**relay.environment, **QUIET})
        path = self._folder.run / "lambda.json"
        Service(functions, setup, self._options.processes).write(path)
        cluster = {"arn": CLUSTER, "secrets": secrets_of(functions.values(), database)}
        data_api = ["rds_data_server", "--port", str(self._data_api_port)]
        yield Process("rds-data", data_api, [], {SERVED: json.dumps(cluster)})
        yield Process("lambda", ["lambda_server", str(path), "--port", str(self._port)], [])

    def reach(self, services_url: str) -> dict[str, str]:
        """What a process needs that calls functions."""
        return {**aws.variables(services_url), SERVICE: self.url}


def secrets_of(functions: Iterable[Function], database: Database) -> dict[str, str]:
    """For the secret in each database URL of the functions, the address of the role that it stands for."""
    arns = {
        parse_qs(urlsplit(url).query)["secret_arn"][0]
        for function in functions
        for variable in ("DATABASE_URL", "DISPATCHER_DATABASE_URL")
        if (url := function.environment.get(variable))
    }
    return {arn: database.behind(arn) for arn in arns}


def _here(function: Function, services_url: str) -> Function:
    """The function with the addresses of this machine in its environment."""
    environment = {name: value.replace(ISSUER, services_url) for name, value in function.environment.items()}
    return dataclasses.replace(function, environment=environment)
