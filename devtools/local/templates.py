"""What the templates of the functions and of an applet deploy: the local cloud serves exactly that."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from devtools.local.cloudformation import ACCOUNT, REGION, TemplateError, Values, load, references

FUNCTION = "AWS::Serverless::Function"
AUTHORIZER_TTL = 60  # seconds; a revoked key must not live on in the cache for longer


@dataclass(frozen=True)
class Function:
    """A Lambda function: its code, its limits (MB, seconds), its environment, its layers by name, and its logs."""

    name: str
    folder: str
    handler: str
    memory: int
    timeout: int
    environment: Mapping[str, str]
    layers: list[str] = field(default_factory=list)
    log_group: str = ""
    log_format: str = "Text"


@dataclass(frozen=True)
class Route:
    """A route of the HTTP API, such as `GET /api/v1/invoices/{id}`, and the function it calls."""

    key: str
    function: str
    authorized: bool


@dataclass(frozen=True)
class Subscription:
    """A queue whose messages a function is called with, `batch` at most at once; `partial` if it names the failed."""

    queue: str
    function: str
    batch: int
    partial: bool


@dataclass(frozen=True)
class Timer:
    """A function called by the clock, by an expression such as `rate(1 minute)`."""

    expression: str
    function: str


@dataclass
class Deployment:
    """Everything that is called: functions by name, and what calls them."""

    functions: dict[str, Function] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    authorizer: str | None = None
    authorizer_ttl: int = AUTHORIZER_TTL

    def variables(self, names: Iterable[str]) -> dict[str, str]:
        """The environment variables that the named functions declare, together."""
        return {name: value for one in names for name, value in self.functions[one].environment.items()}

    def write(self, path: Path) -> None:
        """Keep it in a file, for the processes that serve it."""
        path.write_text(json.dumps(dataclasses.asdict(self)))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` kept."""
        kept = json.loads(path.read_text())
        return cls(
            {name: Function(**function) for name, function in kept["functions"].items()},
            [Route(**route) for route in kept["routes"]],
            [Subscription(**subscription) for subscription in kept["subscriptions"]],
            [Timer(**timer) for timer in kept["timers"]],
            kept["authorizer"],
            kept["authorizer_ttl"],
        )


@dataclass
class Template:
    """One template with the values of its references; resources whose condition does not hold are left out."""

    path: Path
    resources: dict[str, dict[str, Any]]
    defaults: Mapping[str, Any]
    values: Values

    @classmethod
    def read(cls, path: Path, stack_name: str, parameters: Mapping[str, str]) -> Self:
        """Read the template of a stack; of the parameters those count that it declares."""
        source = load(path)
        values = Values(source, stack_name, parameters)
        resources = {
            name: resource for name, resource in source["Resources"].items() if values.holds(resource.get("Condition"))
        }
        template = cls(path, resources, source.get("Globals", {}).get("Function", {}), values)
        for name in resources:
            template._identify(name)
        return template

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of the resources of a type, as written, by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource.get("Type") == kind
        }

    def value(self, name: str, key: str) -> Any:
        """One property of a resource, worked out; None when it is not there."""
        return self.values.resolve(self.resources[name].get("Properties", {}).get(key))

    def function_of(self, expression: Any) -> str | None:
        """The logical id of the function that an expression refers to, if it refers to one."""
        found = {name for name in references(expression) if self.resources.get(name, {}).get("Type") == FUNCTION}
        return found.pop() if len(found) == 1 else None

    def _identify(self, name: str) -> None:
        """What Ref and GetAtt of a resource with a name of its own give; the rest becomes known when it is made."""
        kind = self.resources[name].get("Type")
        found = {
            FUNCTION: ("FunctionName", "lambda", "function:"),
            "AWS::Events::EventBus": ("Name", "events", "event-bus/"),
            "AWS::Events::Rule": ("Name", "events", "rule/"),
            "AWS::Serverless::LayerVersion": ("LayerName", "lambda", "layer:"),
            "AWS::S3::Bucket": ("BucketName", "s3", ""),
            "AWS::SQS::Queue": ("QueueName", "sqs", ""),
            "AWS::SecretsManager::Secret": ("Name", "secretsmanager", "secret:"),
        }.get(str(kind))
        if found is None:
            return
        key, service, prefix = found
        given = self.value(name, key)
        physical = str(given) if given else f"{self.values.names['AWS::StackName']}-{name}"
        where = "::" if service == "s3" else f"{REGION}:{ACCOUNT}:"
        self.values.names[name] = physical
        self.values.attributes[name, "Arn"] = f"arn:aws:{service}:{where}{prefix}{physical}"
        self.values.attributes[name, key] = physical

    def add_to(self, deployment: Deployment) -> None:
        """Add what this template deploys. Raises TemplateError when something in it calls no function of it."""
        for name in self.of(FUNCTION):
            function = self._function(name)
            deployment.functions[function.name] = function
            deployment.subscriptions.extend(self._queue_events(name, function.name))
        for name, route in self.of("AWS::ApiGatewayV2::Route").items():
            target = next(iter(references(route.get("Target"))), "")
            uri = self.resources.get(target, {}).get("Properties", {}).get("IntegrationUri")
            authorized = route.get("AuthorizationType", "NONE") != "NONE"
            deployment.routes.append(Route(str(route["RouteKey"]), self._called(name, uri), authorized))
        for name, mapping in self.of("AWS::Lambda::EventSourceMapping").items():
            called = self._called(name, mapping.get("FunctionName"))
            deployment.subscriptions.extend(self._subscription(name, mapping, "EventSourceArn", called))
        for name, rule in self.of("AWS::Events::Rule").items():
            if "ScheduleExpression" in rule:
                called = self._called(name, rule.get("Targets"))
                deployment.timers.append(Timer(str(self.value(name, "ScheduleExpression")), called))

    @property
    def authorizer_ttl(self) -> int | None:
        """For how many seconds the gateway may keep what the authorizer answered; None without an authorizer."""
        for name in self.of("AWS::ApiGatewayV2::Authorizer"):
            ttl = self.value(name, "AuthorizerResultTtlInSeconds")
            return min(AUTHORIZER_TTL, 0 if ttl is None else int(ttl))
        return None

    def _function(self, name: str) -> Function:
        settings = {**self.defaults, **self.resources[name].get("Properties", {})}
        variables = {
            **self.defaults.get("Environment", {}).get("Variables", {}),
            **self.resources[name].get("Properties", {}).get("Environment", {}).get("Variables", {}),
        }
        logs = settings.get("LoggingConfig", {})
        return Function(
            name=self.values.names[name],
            folder=str((self.path.parent / str(settings.get("CodeUri", "."))).resolve()),
            handler=str(settings["Handler"]),
            memory=int(self.values.resolve(settings.get("MemorySize", 128))),
            timeout=int(self.values.resolve(settings.get("Timeout", 3))),
            environment={key: str(self.values.resolve(value)) for key, value in variables.items()},
            layers=[str(self.values.resolve(layer)) for layer in settings.get("Layers", ())],
            log_group=str(self.values.resolve(logs.get("LogGroup", ""))),
            log_format=str(logs.get("LogFormat", "Text")),
        )

    def _queue_events(self, name: str, function: str) -> Iterable[Subscription]:
        """SAM's short form: a queue as an event of the function itself."""
        for event in self.resources[name].get("Properties", {}).get("Events", {}).values():
            if event.get("Type") != "SQS":
                raise TemplateError(f"{self.path}: {name} has an event of type {event.get('Type')}; use a queue.")
            yield from self._subscription(name, event["Properties"], "Queue", function)

    def _subscription(self, name: str, settings: Mapping[str, Any], source: str, function: str) -> list[Subscription]:
        if settings.get("Enabled", True) not in (True, "true"):
            return []
        partial = "ReportBatchItemFailures" in settings.get("FunctionResponseTypes", ())
        queue = self._queue(name, settings.get(source))
        return [Subscription(queue, function, int(settings.get("BatchSize", 10)), partial)]

    def _queue(self, name: str, expression: Any) -> str:
        arn = str(self.values.resolve(expression))
        if not arn.startswith("arn:aws:sqs:"):
            raise TemplateError(f"{self.path}: {name} reads from {arn}, which is no queue of this template.")
        return arn.rsplit(":", 1)[1]

    def _called(self, name: str, expression: Any) -> str:
        found = self.function_of(expression)
        if found is None:
            raise TemplateError(f"{self.path}: {name} calls no function of this template.")
        return str(self.values.names[found])


def deployment_of(templates: Iterable[Template]) -> Deployment:
    """What templates deploy together. Raises TemplateError when two deploy the same function."""
    deployment = Deployment()
    for template in templates:
        before = set(deployment.functions)
        template.add_to(deployment)
        doubled = before & {template.values.names[name] for name in template.of(FUNCTION)}
        if doubled:
            raise TemplateError(f"{template.path} deploys {min(doubled)}, which another template deploys too.")
    authorizers = [name for name, one in deployment.functions.items() if one.handler.startswith("authorize_request.")]
    deployment.authorizer = authorizers[0] if authorizers else None
    return deployment
