"""The printed files of this tree: they are what would be printed now, they are valid, and nothing is missing."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate

from devtools.generate import check, openapi, recorded
from devtools.generate.command import resources_for
from devtools.generate.discover import ROOT, Functions, discover
from devtools.generate.printing import printed
from devtools.generate.published import Published, published
from devtools.local.cloudformation import load

KINDS = tuple(check.PLACES)


@pytest.fixture(scope="module")
def functions() -> Functions:
    """Every function of the project."""
    return discover()


@pytest.fixture(scope="module")
def examples() -> recorded.Recorded:
    """The committed examples."""
    return recorded.read(ROOT)


@pytest.fixture(scope="module")
def wanted(functions: Functions, examples: recorded.Recorded) -> check.Printed:
    """What would be printed now."""
    return printed(functions, resources_for(functions), examples)


@pytest.fixture(scope="module")
def contract() -> Any:
    """The committed OpenAPI document."""
    return json.loads((ROOT / openapi.PATH).read_text())


@pytest.fixture(scope="module")
def operations(functions: Functions) -> list[Published]:
    """The operations of the contract."""
    return published(functions.operations, resources_for(functions))


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_committed_is_what_would_be_printed(kind: str, wanted: check.Printed) -> None:
    assert check.drift(ROOT, kind, wanted[kind]) == [], "run `make generate` and commit what it prints"


def test_every_operation_and_every_event_has_an_example(functions: Functions, examples: recorded.Recorded) -> None:
    names = [f"{operation.module}.{operation.name}" for operation in functions.operations]
    assert recorded.missing(examples, names, functions.events) == []


def test_the_limits_of_aws_are_kept(functions: Functions) -> None:
    assert list(check.limits(functions)) == []


def test_the_root_template_holds_every_module(functions: Functions) -> None:
    assert list(check.root_template(ROOT, functions)) == []


def test_every_function_stands_in_its_template_once(functions: Functions) -> None:
    for module in functions.modules:
        resources = load(ROOT / "functions" / module / "template.yaml")["Resources"].values()
        handlers = [one["Properties"]["Handler"] for one in resources if one["Type"] == "AWS::Serverless::Function"]
        # What runs operations of all modules has the folder of all of them.
        inside = [handler.removeprefix(f"{module}/") for handler in handlers]
        assert sorted(inside) == sorted(f"{one.name}.{one.name}" for one in functions.of(module).all)
        routes = [one["Properties"]["RouteKey"] for one in resources if one["Type"] == "AWS::ApiGatewayV2::Route"]
        assert sorted(routes) == sorted(one.route for one in functions.of(module).operations)


def test_the_contract_is_valid_openapi(contract: Any) -> None:
    validate(contract)


def test_every_operation_stands_in_the_contract(contract: Any, operations: list[Published]) -> None:
    told = {
        (one["operationId"], method.upper(), path)
        for path, methods in contract["paths"].items()
        for method, one in methods.items()
    }
    assert told == {(one.name, one.operation.method, one.path) for one in operations}


def test_every_example_is_as_the_contract_says(
    contract: Any, operations: list[Published], examples: recorded.Recorded
) -> None:
    checked = set()
    for one in operations:
        key = f"{one.operation.module}.{one.operation.name}"
        told = contract["paths"][one.path][one.operation.method.lower()]
        answer = told["responses"][str(one.operation.status)]["content"]["application/json"]
        if "example" not in answer:
            continue
        checked.add(key)
        # Of a large answer the test keeps some members only; what is there has to be right all the same.
        whole = answer["example"] if key != "platform.get_openapi" else contract
        assert faults(contract, answer["schema"], whole) == []
        body = examples.answers[key]["request"]["body"]
        if body is not None:
            assert faults(contract, told["requestBody"]["content"]["application/json"]["schema"], body) == []
    assert checked == set(examples.answers)


def test_every_refusal_in_an_example_is_one_that_the_contract_names(
    contract: Any, operations: list[Published], examples: recorded.Recorded
) -> None:
    by_key = {f"{one.operation.module}.{one.operation.name}": one for one in operations}
    for (key, code), example in examples.refusals.items():
        one = by_key[key]
        body = example["response"]["body"]
        told = contract["paths"][one.path][one.operation.method.lower()]["responses"][str(body["status"])]
        assert code in told["content"]["application/problem+json"]["examples"]
        assert faults(contract, {"$ref": "#/components/schemas/Problem"}, body) == []


def test_every_example_of_an_event_is_as_its_schema_says(examples: recorded.Recorded) -> None:
    for name, payload in examples.events.items():
        schema = json.loads((ROOT / "events" / f"{name}.schema.json").read_text())
        Draft202012Validator.check_schema(schema)
        assert faults({}, schema, recorded.envelope_of(payload)) == []


def faults(document: Mapping[str, Any], schema: Mapping[str, Any], value: Any) -> list[str]:
    """What a schema, whose references point into the document, has against a value."""
    whole = {**schema, "components": document["components"]} if "components" in document else schema
    validator = Draft202012Validator(whole, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
