"""Deploys the project's templates into the local cloud: creates what they declare, and tells what they call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devtools.local.cloudformation import ACCOUNT, REGION, UNKNOWN, TemplateError
from devtools.local.provision import Services
from devtools.local.templates import Deployment, Template, deployment_of

STACK = "bigledger"
"""The prefix of all names, the bus's own name too."""

OPERATOR_SECRET = f"{STACK}/operator"
CLUSTER = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:{STACK}"
"""The ARN of the database's cluster, for the Data API."""


@dataclass(frozen=True)
class Deployed:
    """What the functions' templates deploy together, and the bus that events go to."""

    functions: Deployment
    bus: str


def deploy(root: Path, services: Services, operator_digest: str, database: str = STACK) -> Deployed:
    """Create what `template.yaml` and `functions/*/template.yaml` below `root` declare, on empty services.

    What the root template does not declare for the modules (bus, operator's secret, user pool) is made by convention.
    `operator_digest` becomes the value of the operator's secret; `database` is the database's name. Raises
    TemplateError.
    """
    shared = {"Stack": STACK, "EventBus": STACK, "OperatorSecret": OPERATOR_SECRET, "ApiId": "local"}
    shared |= {"DatabaseName": database, "DatabaseClusterArn": CLUSTER}
    top = root / "template.yaml"
    ttl = None
    given: dict[Path, Mapping[str, str]] = {}
    if top.exists():
        template = Template.read(top, STACK, shared)
        services.create([template])
        given = parameters_of_modules(template)
        ttl = template.authorizer_ttl
    if not any("UserPoolIssuer" in parameters for parameters in given.values()):
        shared["UserPoolIssuer"], shared["UserPoolClient"] = services.user_pool(STACK)
    modules = templates_of_modules(root, shared, given)
    parameters = {**shared, **{name: value for one in given.values() for name, value in one.items()}}
    services.bus(parameters["EventBus"])
    services.secret(parameters["OperatorSecret"], operator_digest)
    services.create(modules)
    functions = deployment_of(modules)
    if ttl is not None:
        functions.authorizer_ttl = ttl
    return Deployed(functions, parameters["EventBus"])


def templates_of_modules(
    root: Path, shared: Mapping[str, str], given: Mapping[Path, Mapping[str, str]]
) -> list[Template]:
    """The templates of all modules; each gets what is shared, and what is given to it. Raises TemplateError."""
    paths = sorted((root / "functions").glob("*/template.yaml"))
    if not paths:
        raise TemplateError(f"There are no templates in {root / 'functions'}. Print them with `make generate`.")
    return [
        Template.read(path, f"{STACK}-{path.parent.name}", {**shared, **given.get(path.resolve(), {})})
        for path in paths
    ]


def parameters_of_modules(top: Template) -> dict[Path, Mapping[str, str]]:
    """What the root template hands to each nested application and has a value here, by the application's template."""
    found: dict[Path, Mapping[str, str]] = {}
    for name, properties in top.of("AWS::Serverless::Application").items():
        given = top.value(name, "Parameters") or {}
        path = (top.path.parent / str(properties.get("Location"))).resolve()
        found[path] = {key: str(value) for key, value in given.items() if not str(value).startswith(UNKNOWN)}
    return found
