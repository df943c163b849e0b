"""The SAM template of each module, printed from its functions. Nobody writes YAML per operation.

A module's template is complete by itself: its functions, their roles, logs and alarms, its queues, rules and routes.
Given an API, a bus, a database and layers it can be deployed alone, and deleting it takes its routes along. All
modules are given the same, so the root template treats them alike; only the authorizer's, and those that keep files,
have more to know.
"""

from collections.abc import Mapping
from typing import Any

from bigledger.kernel import Authorizer, Hook, Operation, Schedule, Subscriber
from devtools.generate import rights
from devtools.generate.alarms import alarms_of, dead_letter_alarm, outbox_alarm
from devtools.generate.discover import Function, Functions
from devtools.generate.intrinsics import (
    ALIAS,
    Resource,
    Resources,
    alias,
    as_yaml,
    attribute,
    logical,
    named,
    ref,
    sub,
)

RUNTIME = "python3.11"
"""The one place that says what functions run on."""

NAME_LIMIT = 64
"""The longest name Lambda and EventBridge take."""
STACK_LIMIT = 20
"""The longest name of a stack, so that the names made from it fit."""

RELAY = "relay_events"
"""The scheduled function that publishes events; operations nudge it after their commit."""

AT_ONCE = "CodeDeployDefault.LambdaAllAtOnce"
"""How traffic moves to a new version unless a stage wants it step by step."""

_RECEIVES = 8  # the kernel puts an event aside after five deliveries; the queue's own limit is the last resort
_RETENTION = 14 * 24 * 3600
_CONCURRENCY = 10
_GATEWAY_LIMIT = 30_000  # the longest an HTTP API waits, in milliseconds

_REQUIRED = (
    "ApiId",
    "ApiRole",
    "AuthorizerId",
    "DependenciesLayer",
    "BigLedgerLayer",
    "EventBus",
    "DatabaseClusterArn",
    "DatabaseName",
    rights.APPLICATION,
    rights.READER,
    rights.DISPATCHER,
    "EncryptionKey",
    "AlarmTopic",
    "DeploymentRole",
    "DeploymentHook",
)
PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "Stack": {
        "Type": "String",
        "Default": "bigledger",
        "AllowedPattern": "[a-z][a-z0-9-]*",
        "MaxLength": STACK_LIMIT,
        "Description": "Prefix of every name",
    },
    **{name: {"Type": "String"} for name in _REQUIRED},
    "Deployment": {"Type": "String", "Default": AT_ONCE, "Description": "How traffic moves to a new version"},
    "LogRetention": {"Type": "Number", "Default": 30, "Description": "Days that logs are kept"},
}
"""What every module's template is given."""

OF_AUTHORIZERS: Mapping[str, Mapping[str, Any]] = {
    name: {"Type": "String"} for name in ("UserPoolIssuer", "UserPoolClient", "OperatorSecret")
}
"""What the template of a module with an authorizer is given besides."""

OF_FILES: Mapping[str, Mapping[str, Any]] = {rights.FILES: {"Type": "String"}}
"""What the template of a module that keeps files in the object store is given besides."""

_HEADER = """\
# Printed from the functions of this folder by `make generate`; a change made here is overwritten.
"""


def parameters(functions: Functions) -> dict[str, Mapping[str, Any]]:
    """What the template of a module with these functions is given, by name."""
    return {
        **PARAMETERS,
        **(OF_AUTHORIZERS if functions.authorizers else {}),
        **(OF_FILES if functions.with_files else {}),
    }


def templates(functions: Functions) -> dict[str, str]:
    """The text of each module's template by its path."""
    relay = next((schedule.module for schedule in functions.schedules if schedule.name == RELAY), None)
    return {
        f"functions/{module}/template.yaml": text(template(module, functions.of(module), relay))
        for module in functions.modules
    }


def text(document: Mapping[str, Any]) -> str:
    """A template as it is stored."""
    return _HEADER + as_yaml(document)


def template(module: str, functions: Functions, relay: str | None) -> dict[str, Any]:
    """The template of one module; ``relay`` is the module of the function that publishes events."""
    publisher = f"${{Stack}}-{relay}-{RELAY}" if relay else None
    resources: Resources = {"LogGroup": _log_group(module), **rights.roles(functions, publisher)}
    for function in functions.all:
        resources |= _resources(function) | alarms_of(function)
    if functions.subscribers:
        resources |= {"DeadLetterQueue": _dead_letter_queue(module), "DeadLetterAlarm": dead_letter_alarm(module)}
    if any(schedule.name == RELAY for schedule in functions.schedules):
        resources["OutboxAlarm"] = outbox_alarm()
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Description": f"BigLedger {module}",
        # Every module takes these parameters, also those that only another module's functions need.
        "Metadata": {"cfn-lint": {"config": {"ignore_checks": ["W2001"]}}},
        "Parameters": {name: dict(one) for name, one in parameters(functions).items()},
        "Globals": {"Function": _globals(publisher)},
        "Resources": resources,
    }


def resource_count(document: Mapping[str, Any]) -> int:
    """How many resources a template has once SAM has expanded it.

    A function brings its version and its alias, and what moves traffic to a new version: a deployment group of its
    own, and one application for all.
    """
    functions = [one for one in document["Resources"].values() if one["Type"] == "AWS::Serverless::Function"]
    gradual = [one for one in functions if one["Properties"].get("DeploymentPreference", {}).get("Enabled", True)]
    return len(document["Resources"]) + 2 * len(functions) + len(gradual) + min(1, len(gradual))


def _log_group(module: str) -> Resource:
    return {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {
            "LogGroupName": sub(f"/bigledger/${{Stack}}/{module}"),
            "RetentionInDays": ref("LogRetention"),
            "KmsKeyId": ref("EncryptionKey"),
        },
    }


def _globals(publisher: str | None) -> dict[str, Any]:
    variables = {
        "STACK": ref("Stack"),
        "POWERTOOLS_SERVICE_NAME": ref("Stack"),
        "EVENT_BUS": ref("EventBus"),
        "DATABASE_URL": _database_url(rights.APPLICATION),
    }
    if publisher is not None:
        variables["RELAY"] = sub(f"lambda:{publisher}")
    return {
        "Runtime": RUNTIME,
        "CodeUri": ".",
        "AutoPublishAlias": ALIAS,
        "DeploymentPreference": {
            "Type": ref("Deployment"),
            "Role": ref("DeploymentRole"),
            "Hooks": {"PreTraffic": ref("DeploymentHook")},
        },
        "Layers": [ref("DependenciesLayer"), ref("BigLedgerLayer")],
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": ref("LogGroup")},
        "Environment": {"Variables": variables},
    }


def _database_url(secret: str) -> Resource:
    return sub(
        "postgresql+auroradataapi://:@/${DatabaseName}?aurora_cluster_arn=${DatabaseClusterArn}"
        f"&secret_arn=${{{secret}}}"
    )


def _resources(function: Function) -> Resources:
    """A function and what calls it."""
    own = {logical(function.name): _function(function)}
    match function:
        case Operation():
            return own | _route(function)
        case Subscriber():
            return own | _subscription(function)
        case Schedule():
            return own | _timer(function)
    return own


def _function(function: Function) -> Resource:
    # What lets traffic through cannot be let through by itself: the hook's new version takes over at once.
    guarded: Resource = {"Alarms": [ref(name) for name in alarms_of(function)]}
    # What runs operations of all modules is deployed with all their files; the layers have the rest of them anyway.
    whole = isinstance(function, Operation) and function.tenant == "items"
    properties: dict[str, Any] = {
        "FunctionName": sub(named(function)),
        **({"CodeUri": ".."} if whole else {}),
        "Handler": f"{function.module}/{function.name}.{function.name}"
        if whole
        else f"{function.name}.{function.name}",
        "MemorySize": function.memory,
        "Timeout": function.timeout,
        "Role": attribute(rights.role_of(function), "Arn"),
        # A new layer makes a new version, too: most of the code lives there. (Not among the globals: there SAM takes it
        # and its linter does not.)
        "AutoPublishAliasAllProperties": True,
        "DeploymentPreference": {"Enabled": False} if isinstance(function, Hook) else guarded,
    }
    environment = _environment(function)
    if environment:
        properties["Environment"] = {"Variables": environment}
    return {"Type": "AWS::Serverless::Function", "Properties": properties}


def _environment(function: Function) -> dict[str, Any]:
    """What a function's environment has besides, or instead of, what all have."""
    reading = {"DATABASE_URL": _database_url(rights.READER)}
    files = {"FILES_BUCKET": ref(rights.FILES)}
    match function:
        case Operation():
            return {**({} if function.writes else reading), **(files if function.files else {})}
        case Subscriber():
            return files if function.files else {}
        case Authorizer():
            pool = {"USER_POOL_ISSUER": ref("UserPoolIssuer"), "USER_POOL_CLIENT": ref("UserPoolClient")}
            return {**pool, "OPERATOR_SECRET": ref("OperatorSecret"), **reading}
        case Schedule():
            # One that runs as the application goes through the tenants, and only the dispatcher may list those; one
            # that runs as the dispatcher knows no other database role.
            only = {"DATABASE_URL": ""} if function.role == "dispatcher" else {}
            return {"DISPATCHER_DATABASE_URL": _database_url(rights.DISPATCHER), **only}
        case Hook():
            return {"DATABASE_URL": ""}


def _route(operation: Operation[Any, Any]) -> Resources:
    name = logical(operation.name)
    protected: dict[str, Any] = {"AuthorizationType": "CUSTOM", "AuthorizerId": ref("AuthorizerId")}
    return {
        f"{name}Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": ref("ApiId"),
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": alias(name),
                "PayloadFormatVersion": "2.0",
                "CredentialsArn": ref("ApiRole"),
                "TimeoutInMillis": min(operation.timeout * 1000 + 1000, _GATEWAY_LIMIT),
            },
        },
        f"{name}Route": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": ref("ApiId"),
                "RouteKey": operation.route,
                **({"AuthorizationType": "NONE"} if operation.permission is None else protected),
                "Target": sub(f"integrations/${{{name}Integration}}"),
            },
        },
    }


def _subscription(subscriber: Subscriber) -> Resources:
    name = logical(subscriber.name)
    queue, rule = f"{name}Queue", f"{name}Rule"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": attribute(queue, "Arn"),
        "Condition": {"ArnEquals": {"aws:SourceArn": attribute(rule, "Arn")}},
    }
    return {
        queue: {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "QueueName": sub(named(subscriber)),
                # Lambda's own advice: six times the function's timeout, so that no batch is handed out twice at once.
                "VisibilityTimeout": 6 * subscriber.timeout,
                "MessageRetentionPeriod": _RETENTION,
                "SqsManagedSseEnabled": True,
                "RedrivePolicy": {
                    "deadLetterTargetArn": attribute("DeadLetterQueue", "Arn"),
                    "maxReceiveCount": _RECEIVES,
                },
            },
        },
        f"{name}QueuePolicy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [ref(queue)],
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
            },
        },
        rule: {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Name": sub(named(subscriber)),
                "EventBusName": ref("EventBus"),
                # Every version is delivered: one that the subscriber does not know becomes a visible dead letter.
                "EventPattern": {"detail-type": [subscriber.event.type]},
                "Targets": [{"Id": "queue", "Arn": attribute(queue, "Arn")}],
            },
        },
        f"{name}EventSourceMapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": attribute(queue, "Arn"),
                "FunctionName": alias(name),
                "BatchSize": 10,
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
                "ScalingConfig": {"MaximumConcurrency": _CONCURRENCY},
            },
        },
    }


def _dead_letter_queue(module: str) -> Resource:
    """The module's last resort."""
    return {
        "Type": "AWS::SQS::Queue",
        "Properties": {
            "QueueName": sub(f"${{Stack}}-{module}-dead"),
            "MessageRetentionPeriod": _RETENTION,
            "SqsManagedSseEnabled": True,
        },
    }


def _timer(schedule: Schedule) -> Resources:
    name = logical(schedule.name)
    return {
        f"{name}Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Name": sub(named(schedule)),
                "ScheduleExpression": schedule.rate,
                "Targets": [{"Id": "function", "Arn": alias(name)}],
            },
        },
        f"{name}Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": alias(name),
                "Principal": "events.amazonaws.com",
                "SourceArn": attribute(f"{name}Rule", "Arn"),
            },
        },
    }
