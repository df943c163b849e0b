"""The flat local template: every function and one HTTP API with an event per operation, for `sam local`.

SAM finds no route whose API lives in another template, so what the modules' templates deploy is printed once more in
one template. It is for this machine only and lies in `.local`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from devtools.deploy.build import BUILT
from devtools.deploy.tree import FUNCTION, LAYER, MAIN, Document
from devtools.environment import ROOT
from devtools.generate.intrinsics import logical
from devtools.generate.templates import RUNTIME
from devtools.local.cloudformation import load
from devtools.local.deploy import CLUSTER, STACK, templates_of_modules
from devtools.local.state import LOCAL
from devtools.local.templates import Deployment, Function, deployment_of

FLAT = LOCAL / "sam-local" / "template.yaml"

API = "Api"
AUTHORIZER = "Authorizer"

_HEADER = "# Printed by `make sam-local` from the modules' templates, for this machine.\n"


def deployment(root: Path = ROOT) -> Deployment:
    """What the modules' templates deploy, without anything running. Raises TemplateError."""
    shared = {"Stack": STACK, "EventBus": STACK, "ApiId": "local", "DatabaseName": STACK, "DatabaseClusterArn": CLUSTER}
    return deployment_of(templates_of_modules(root, shared, {}))


def template(deployment: Deployment, layers: Mapping[str, str], variables: Mapping[str, str]) -> Document:
    """The flat template of a deployment.

    `layers` are the folders of the built layers by logical id; `variables` come on top of each function's environment.
    """
    resources: Document = {API: _api(deployment)}
    for name, folder in layers.items():
        properties = {"LayerName": f"{STACK}-local-{name.lower()}", "ContentUri": folder}
        resources[name] = {"Type": LAYER, "Properties": properties}
    for function in deployment.functions.values():
        resources[_id(function.name)] = _function(function, deployment, list(layers), variables)
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Description": "BigLedger on one machine, for sam local",
        "Resources": resources,
    }


def write(document: Document, path: Path = FLAT) -> Path:
    """Write a template; answers where."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_HEADER + yaml.safe_dump(document, sort_keys=False, width=120))
    return path


def built_layers(root: Path = ROOT) -> dict[str, str]:
    """Where `sam build` leaves the layers that the root template declares, by logical id."""
    resources = load(root / MAIN)["Resources"]
    return {name: str(BUILT / name) for name, resource in resources.items() if resource["Type"] == LAYER}


def _api(deployment: Deployment) -> Document:
    properties: Document = {}
    if deployment.authorizer is not None:
        authorizer = {
            "FunctionArn": {"Fn::GetAtt": [_id(deployment.authorizer), "Arn"]},
            "AuthorizerPayloadFormatVersion": "2.0",
            "EnableSimpleResponses": True,
            "Identity": {"Headers": ["Authorization"]},
        }
        properties["Auth"] = {"DefaultAuthorizer": AUTHORIZER, "Authorizers": {AUTHORIZER: authorizer}}
    return {"Type": "AWS::Serverless::HttpApi", "Properties": properties}


def _function(function: Function, deployment: Deployment, layers: list[str], variables: Mapping[str, str]) -> Document:
    properties: Document = {
        "FunctionName": function.name,
        "Runtime": RUNTIME,
        "CodeUri": function.folder,
        "Handler": function.handler,
        "MemorySize": function.memory,
        "Timeout": function.timeout,
        "Layers": [{"Ref": name} for name in layers],
        "Environment": {"Variables": {**function.environment, **variables}},
    }
    events = dict(_events(function, deployment))
    if events:
        properties["Events"] = events
    return {"Type": FUNCTION, "Properties": properties}


def _events(function: Function, deployment: Deployment) -> Iterator[tuple[str, Any]]:
    for number, route in enumerate((one for one in deployment.routes if one.function == function.name), start=1):
        method, _, path = route.key.partition(" ")
        properties: Document = {"ApiId": {"Ref": API}, "Method": method, "Path": path, "PayloadFormatVersion": "2.0"}
        if not route.authorized:
            properties["Auth"] = {"Authorizer": "NONE"}
        yield f"Route{number}", {"Type": "HttpApi", "Properties": properties}


def _id(function: str) -> str:
    """A logical id: ReceivablesCreateInvoice of bigledger-receivables-create_invoice."""
    return "".join(logical(part) for part in function.removeprefix(f"{STACK}-").split("-"))
