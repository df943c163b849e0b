"""Deploys the project's templates into the local cloud: creates what they declare, and tells what they call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devtools.local.cloudformation import UNKNOWN, TemplateError
from devtools.local.provision import Services
from devtools.local.templates import Deployment, Template, deployment_of

STACK = "bigledger"
"""The prefix of all names, the bus's own name too."""

OPERATOR_SECRET = f"{STACK}/operator"


@dataclass(frozen=True)
class Deployed:
    """What the functions' templates deploy together, and the bus that events go to."""

    functions: Deployment
    bus: str


def deploy(root: Path, services: Services, operator_digest: str) -> Deployed:
    """Create what `template.yaml` and `functions/*/template.yaml` below `root` declare, on empty services.

    What the root template does not declare for the modules (bus, operator's secret, user pool) is made by convention.
    `operator_digest` becomes the value of the operator's secret. Raises TemplateError.
    """
    shared = {"Stack": STACK, "EventBus": STACK, "OperatorSecret": OPERATOR_SECRET, "ApiId": "local"}
    top = root / "template.yaml"
    ttl = None
    given: dict[Path, Mapping[str, str]] = {}
    if top.exists():
        template = Template.read(top, STACK, shared)
        services.create([template])
        given = _parameters_of_modules(template)
        ttl = template.authorizer_ttl
    if not any("UserPoolIssuer" in parameters for parameters in given.values()):
        shared["UserPoolIssuer"], shared["UserPoolClient"] = services.user_pool(STACK)
    modules = []
    paths = sorted((root / "functions").glob("*/template.yaml"))
    if not paths:
        raise TemplateError(f"There are no templates in {root / 'functions'}. Print them with `make generate`.")
    for path in paths:
        parameters = {**shared, **given.get(path.resolve(), {})}
        modules.append(Template.read(path, f"{STACK}-{path.parent.name}", parameters))
    parameters = {**shared, **{name: value for one in given.values() for name, value in one.items()}}
    services.bus(parameters["EventBus"])
    services.secret(parameters["OperatorSecret"], operator_digest)
    services.create(modules)
    functions = deployment_of(modules)
    if ttl is not None:
        functions.authorizer_ttl = ttl
    return Deployed(functions, parameters["EventBus"])


def _parameters_of_modules(top: Template) -> dict[Path, Mapping[str, str]]:
    """What the root template hands to each nested application and has a value here, by the application's template."""
    found: dict[Path, Mapping[str, str]] = {}
    for name, properties in top.of("AWS::Serverless::Application").items():
        given = top.value(name, "Parameters") or {}
        path = (top.path.parent / str(properties.get("Location"))).resolve()
        found[path] = {key: str(value) for key, value in given.items() if not str(value).startswith(UNKNOWN)}
    return found
