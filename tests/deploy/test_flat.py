"""The flat template for `sam local` holds everything that the modules' templates deploy."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from devtools.deploy import flat
from devtools.deploy.tree import stacks
from devtools.generate.discover import discover
from devtools.local.templates import Deployment, Function, Route

LAYERS = {"DependenciesLayer": "/built/dependencies", "BigLedgerLayer": "/built/bigledger"}


def function(name: str) -> Function:
    handler = name.rpartition("-")[2]
    return Function(f"bigledger-{name}", f"/project/{name}", f"{handler}.{handler}", 512, 29, {"STACK": "bigledger"})


@pytest.fixture
def small() -> Any:
    """The template of two operations, one of them public, an authorizer and a schedule."""
    names = ("things-create_thing", "platform-get_health", "platform-authorize_request", "events-relay_events")
    deployment = Deployment(
        {f"bigledger-{name}": function(name) for name in names},
        [
            Route("POST /api/v1/things", "bigledger-things-create_thing", authorized=True),
            Route("GET /api/v1/health", "bigledger-platform-get_health", authorized=False),
        ],
        authorizer="bigledger-platform-authorize_request",
    )
    return flat.template(deployment, LAYERS, {"AWS_ENDPOINT_URL": "http://host:1"})["Resources"]


def test_an_operation_is_a_function_with_an_event(small: Any) -> None:
    event = {"ApiId": {"Ref": "Api"}, "Method": "POST", "Path": "/api/v1/things", "PayloadFormatVersion": "2.0"}
    assert small["ThingsCreateThing"] == {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "FunctionName": "bigledger-things-create_thing",
            "Runtime": "python3.11",
            "CodeUri": "/project/things-create_thing",
            "Handler": "create_thing.create_thing",
            "MemorySize": 512,
            "Timeout": 29,
            "Layers": [{"Ref": "DependenciesLayer"}, {"Ref": "BigLedgerLayer"}],
            "Environment": {"Variables": {"STACK": "bigledger", "AWS_ENDPOINT_URL": "http://host:1"}},
            "Events": {"Route1": {"Type": "HttpApi", "Properties": event}},
        },
    }


def test_a_public_operation_has_no_authorizer(small: Any) -> None:
    event = small["PlatformGetHealth"]["Properties"]["Events"]["Route1"]["Properties"]
    assert event["Auth"] == {"Authorizer": "NONE"}


def test_the_api_asks_the_authorizer_first(small: Any) -> None:
    authorizer = {
        "FunctionArn": {"Fn::GetAtt": ["PlatformAuthorizeRequest", "Arn"]},
        "AuthorizerPayloadFormatVersion": "2.0",
        "EnableSimpleResponses": True,
        "Identity": {"Headers": ["Authorization"]},
    }
    assert small["Api"] == {
        "Type": "AWS::Serverless::HttpApi",
        "Properties": {"Auth": {"DefaultAuthorizer": "Authorizer", "Authorizers": {"Authorizer": authorizer}}},
    }


def test_what_no_route_calls_is_there_for_sam_local_invoke(small: Any) -> None:
    assert "Events" not in small["EventsRelayEvents"]["Properties"]
    assert "Events" not in small["PlatformAuthorizeRequest"]["Properties"]


def test_layers_are_those_that_sam_build_made(small: Any) -> None:
    assert small["BigLedgerLayer"] == {
        "Type": "AWS::Serverless::LayerVersion",
        "Properties": {"LayerName": "bigledger-local-bigledgerlayer", "ContentUri": "/built/bigledger"},
    }


def test_what_is_written_is_read_again(small: Any, tmp_path: Path) -> None:
    path = flat.write({"Resources": small}, tmp_path / "below" / "template.yaml")
    assert [one.document for one in stacks(path)] == [{"Resources": small}]
    assert yaml.safe_load(path.read_text()) == {"Resources": small}


def test_the_project_s_holds_every_function_and_the_route_of_every_operation() -> None:
    found, functions = flat.deployment(), discover()
    resources = flat.template(found, flat.built_layers(), {})["Resources"].values()
    properties = [one["Properties"] for one in resources if one["Type"] == "AWS::Serverless::Function"]
    assert sorted(one["FunctionName"] for one in properties) == sorted(
        f"bigledger-{one.module}-{one.name}" for one in functions.all
    )
    events = [event["Properties"] for one in properties for event in one.get("Events", {}).values()]
    assert sorted((event["Method"], event["Path"]) for event in events) == sorted(
        (one.method, one.path) for one in functions.operations
    )
    assert sum("Auth" in event for event in events) == sum(one.permission is None for one in functions.operations)
