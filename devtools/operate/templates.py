"""What changes in the templates: which resources come, go, are changed in place or replaced by others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal

Verb = Literal["added", "removed", "changed", "replaced"]
Found = tuple[Verb, str, tuple[str, ...]]
Template = Mapping[str, Any]

KEEPERS: Mapping[str, str] = {
    "AWS::ApiGatewayV2::Api": "the address of the API",
    "AWS::Cognito::UserPool": "the users",
    "AWS::Cognito::UserPoolClient": "the sign-ins of the users' application",
    "AWS::DynamoDB::Table": "its rows",
    "AWS::Events::Archive": "the archived events",
    "AWS::Events::EventBus": "the rules that others have on it",
    "AWS::KMS::Key": "whatever is encrypted with it",
    "AWS::Logs::LogGroup": "its logs",
    "AWS::RDS::DBCluster": "the database",
    "AWS::S3::Bucket": "its objects",
    "AWS::SQS::Queue": "the messages in it",
    "AWS::SecretsManager::Secret": "its value",
}
"""The types of resources that hold something, and what goes with them."""

_SERVERLESS: Mapping[str, frozenset[str]] = {
    "AWS::Serverless::Function": frozenset({"FunctionName", "PackageType"}),
    "AWS::Serverless::LayerVersion": frozenset(),
    "AWS::Serverless::Application": frozenset(),
}
"""SAM's own types: the properties that make a new resource of the one behind them."""


def template_changes(before: Mapping[str, Template], after: Mapping[str, Template]) -> Iterator[Found]:
    """The changes of all templates by path."""
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path, {}), after.get(path, {})
        yield from _parameters(path, old, new)
        yield from _resources(path, old.get("Resources", {}), new.get("Resources", {}))


def _parameters(path: str, old: Template, new: Template) -> Iterator[Found]:
    """Parameters of templates that a person deploys; those of the others are given by these."""
    if path != "template.yaml":
        return
    given, asked = old.get("Parameters", {}), new.get("Parameters", {})
    for name in sorted(given.keys() | asked.keys()):
        what = f"{path}: parameter {name}"
        if name not in asked:
            yield "removed", what, ()
        elif name not in given:
            needed = "Default" not in asked[name]
            yield "added", what, ("it has no default: deployments have to give it",) if needed else ()
        elif given[name].get("Default") != asked[name].get("Default"):
            yield (
                "changed",
                f"{what}: its default was {given[name].get('Default')}, is {asked[name].get('Default')}",
                (),
            )


def _resources(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Found]:
    for name in sorted(old.keys() | new.keys()):
        kind = str((new.get(name) or old[name])["Type"])
        what = f"{path}: {name} ({kind})"
        if name not in old:
            yield "added", what, ()
        elif name not in new:
            yield "removed", what, _lost(old[name])
        elif old[name]["Type"] != kind or (reasons := _replacing(kind, old[name], new[name])):
            because = old[name]["Type"] if old[name]["Type"] != kind else ", ".join(reasons)
            yield "replaced", f"{what}: {because} changed", _lost(old[name])
        elif old[name] != new[name]:
            yield "changed", f"{what}: {', '.join(_differing(old[name], new[name]))}", ()


def _lost(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """What goes with a resource that is removed or replaced."""
    kept = KEEPERS.get(resource["Type"])
    if kept is None:
        return ()
    policy = resource.get("DeletionPolicy")
    after = {"Retain": "; the old one stays, apart", "Snapshot": "; a snapshot of it stays"}.get(str(policy), "")
    return (f"{kept} would be gone{after}",)


def _replacing(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The changed properties for which CloudFormation makes a new resource."""
    fixed = fixed_properties(kind)
    before, after = old.get("Properties", {}), new.get("Properties", {})
    return sorted(name for name in fixed if before.get(name) != after.get(name))


@lru_cache(maxsize=256)
def fixed_properties(kind: str) -> frozenset[str]:
    """The properties of a type that cannot be changed in place, as CloudFormation's own schema says."""
    if kind in _SERVERLESS:
        return _SERVERLESS[kind]
    from cfnlint.schema import ResourceNotFoundError
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    try:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    except ResourceNotFoundError:
        return frozenset()
    fixed = [*schema.get("createOnlyProperties", ()), *schema.get("conditionalCreateOnlyProperties", ())]
    return frozenset(str(pointer).removeprefix("/properties/").partition("/")[0] for pointer in fixed)


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before, after = old.get("Properties", {}), new.get("Properties", {})
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield name
    for name in sorted((old.keys() | new.keys()) - {"Properties", "Metadata"}):
        if old.get(name) != new.get(name):
            yield name
    if old.get("Metadata") != new.get("Metadata"):
        yield "Metadata"
