"""The SAM template of each module, printed from its functions. Nobody writes YAML per operation.

A module's template is complete by itself: given an API, a bus, a database and roles, it can be deployed alone, and
deleting it takes its routes along. All modules declare the same parameters, so the root template treats them alike.
"""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from bigledger.kernel import Operation, Schedule, Subscriber
from devtools.generate.discover import Function, Functions

RUNTIME = "python3.11"
"""The one place that says what functions run on."""

NAME_LIMIT = 64
"""The longest name Lambda and EventBridge take."""
STACK_LIMIT = 20
"""The longest name of a stack, so that the names made from it fit."""

RELAY = "relay_events"
"""The scheduled function that publishes events; operations nudge it after their commit."""

_ALIAS = "live"
_RECEIVES = 8  # the kernel puts an event aside after five deliveries; the queue's own limit is the last resort
_RETENTION = 14 * 24 * 3600
_CONCURRENCY = 10
_GATEWAY_LIMIT = 30_000  # the longest an HTTP API waits, in milliseconds

Resource = dict[str, Any]
Resources = dict[str, Resource]

_REQUIRED = (
    "ApiId",
    "ApiRole",
    "AuthorizerId",
    "ReadRole",
    "WriteRole",
    "DependenciesLayer",
    "BigLedgerLayer",
    "EventBus",
    "DatabaseClusterArn",
    "DatabaseSecretArn",
    "DispatcherSecretArn",
    "DatabaseName",
    "LogGroup",
)
_OPTIONAL = ("ScheduleRole", "DispatcherRole", "UserPoolIssuer", "UserPoolClient", "OperatorSecret", "AlarmTopic")

PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "Stack": {
        "Type": "String",
        "Default": "bigledger",
        "AllowedPattern": "[a-z][a-z0-9-]*",
        "MaxLength": STACK_LIMIT,
        "Description": "Prefix of every name",
    },
    **{name: {"Type": "String"} for name in _REQUIRED},
    **{name: {"Type": "String", "Default": ""} for name in _OPTIONAL},
}
"""What every module's template is given."""

_HEADER = """\
# Printed from the functions of this folder by `make generate`; a change made here is overwritten.
"""


class _Dumper(yaml.SafeDumper):
    """Writes equal parts out each time, since CloudFormation reads no YAML aliases, and references in short form."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _mapping(dumper: yaml.SafeDumper, data: Mapping[str, Any]) -> yaml.Node:
    match data:
        case {"Ref": str(name), **others} if not others:
            return dumper.represent_scalar("!Ref", name)
        case {"Fn::Sub": str(pattern), **others} if not others:
            return dumper.represent_scalar("!Sub", pattern)
        case {"Fn::GetAtt": [str(name), str(of)], **others} if not others:
            return dumper.represent_scalar("!GetAtt", f"{name}.{of}")
    return dumper.represent_dict(data)


_Dumper.add_representer(dict, _mapping)


def templates(functions: Functions) -> dict[str, str]:
    """The text of each module's template by its path."""
    relay = next((schedule.module for schedule in functions.schedules if schedule.name == RELAY), None)
    return {
        f"functions/{module}/template.yaml": text(template(module, functions.of(module), relay))
        for module in functions.modules
    }


def text(document: Mapping[str, Any]) -> str:
    """A template as YAML, in the order it was put together."""
    body = yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True)
    return _HEADER + re.sub(r"(!\w+) '([\w.]+)'", r"\1 \2", str(body))


def template(module: str, functions: Functions, relay: str | None) -> dict[str, Any]:
    """The template of one module; ``relay`` is the module of the function that publishes events."""
    resources: Resources = {}
    for operation in functions.operations:
        resources |= _operation(operation)
    for subscriber in functions.subscribers:
        resources |= _subscriber(subscriber)
    for schedule in functions.schedules:
        resources |= _schedule(schedule)
    for authorizer in functions.authorizers:
        variables = {name: ref(name) for name in ("UserPoolIssuer", "UserPoolClient", "OperatorSecret")}
        environment = {_screaming(name): value for name, value in variables.items()}
        resources[logical(authorizer.name)] = _function(authorizer, "ReadRole", environment)
    document: dict[str, Any] = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Description": f"BigLedger {module}",
        # Every module takes all parameters, also those that only another module's functions need.
        "Metadata": {"cfn-lint": {"config": {"ignore_checks": ["W2001"]}}},
        "Parameters": {name: dict(parameter) for name, parameter in PARAMETERS.items()},
        "Globals": {"Function": _globals(relay)},
    }
    if functions.subscribers:
        document["Conditions"] = {"HasAlarmTopic": {"Fn::Not": [{"Fn::Equals": [ref("AlarmTopic"), ""]}]}}
        resources |= _dead_letters(module)
    return document | {"Resources": resources}


def resource_count(document: Mapping[str, Any]) -> int:
    """How many resources a template has once SAM has expanded it: a function brings its version and its alias."""
    return sum(
        3 if resource["Type"] == "AWS::Serverless::Function" else 1 for resource in document["Resources"].values()
    )


def logical(name: str) -> str:
    """The logical id of a function: CreateInvoice for create_invoice."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def ref(name: str) -> Resource:
    """A reference to a parameter or a resource."""
    return {"Ref": name}


def sub(pattern: str) -> Resource:
    """A text with ``${names}`` in it."""
    return {"Fn::Sub": pattern}


def attribute(name: str, of: str) -> Resource:
    """An attribute of a resource."""
    return {"Fn::GetAtt": [name, of]}


def _globals(relay: str | None) -> dict[str, Any]:
    variables = {
        "STACK": ref("Stack"),
        "EVENT_BUS": ref("EventBus"),
        "DATABASE_URL": _database_url("DatabaseSecretArn"),
    }
    if relay is not None:
        variables["RELAY"] = sub(f"lambda:${{Stack}}-{relay}-{RELAY}")
    return {
        "Runtime": RUNTIME,
        "CodeUri": ".",
        "AutoPublishAlias": _ALIAS,
        "Layers": [ref("DependenciesLayer"), ref("BigLedgerLayer")],
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": ref("LogGroup")},
        "Environment": {"Variables": variables},
    }


def _database_url(secret: str) -> Resource:
    return sub(
        "postgresql+auroradataapi://:@/${DatabaseName}?aurora_cluster_arn=${DatabaseClusterArn}"
        f"&secret_arn=${{{secret}}}"
    )


def _function(function: Function, role: str, environment: Mapping[str, Any] | None = None) -> Resource:
    properties: dict[str, Any] = {
        "FunctionName": _named(function),
        "Handler": f"{function.name}.{function.name}",
        "MemorySize": function.memory,
        "Timeout": function.timeout,
        "Role": ref(role),
        # A new layer makes a new version, too: most of the code lives there. (Not among the globals: there SAM takes it
        # and its linter does not.)
        "AutoPublishAliasAllProperties": True,
    }
    if environment:
        properties["Environment"] = {"Variables": dict(environment)}
    return {"Type": "AWS::Serverless::Function", "Properties": properties}


def _operation(operation: Operation[Any, Any]) -> Resources:
    name = logical(operation.name)
    protected: dict[str, Any] = {"AuthorizationType": "CUSTOM", "AuthorizerId": ref("AuthorizerId")}
    return {
        name: _function(operation, "WriteRole" if operation.writes else "ReadRole"),
        f"{name}Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": ref("ApiId"),
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": _alias(name),
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


def _subscriber(subscriber: Subscriber) -> Resources:
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
        name: _function(subscriber, "WriteRole"),
        queue: {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "QueueName": _named(subscriber),
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
                "Name": _named(subscriber),
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
                "FunctionName": _alias(name),
                "BatchSize": 10,
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
                "ScalingConfig": {"MaximumConcurrency": _CONCURRENCY},
            },
        },
    }


def _dead_letters(module: str) -> Resources:
    """The module's last resort, and the alarm that rings when something lies in it."""
    return {
        "DeadLetterQueue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "QueueName": sub(f"${{Stack}}-{module}-dead"),
                "MessageRetentionPeriod": _RETENTION,
                "SqsManagedSseEnabled": True,
            },
        },
        "DeadLetterAlarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Condition": "HasAlarmTopic",
            "Properties": {
                "AlarmDescription": f"Events that no delivery to {module} could handle are waiting",
                "Namespace": "AWS/SQS",
                "MetricName": "ApproximateNumberOfMessagesVisible",
                "Dimensions": [{"Name": "QueueName", "Value": attribute("DeadLetterQueue", "QueueName")}],
                "Statistic": "Maximum",
                "Period": 60,
                "EvaluationPeriods": 1,
                "Threshold": 0,
                "ComparisonOperator": "GreaterThanThreshold",
                "TreatMissingData": "notBreaching",
                "AlarmActions": [ref("AlarmTopic")],
            },
        },
    }


def _schedule(schedule: Schedule) -> Resources:
    name = logical(schedule.name)
    # One that runs as the application goes through the tenants, and only the dispatcher may list those; one that runs
    # as the dispatcher knows no other database role.
    only = {"DATABASE_URL": ""} if schedule.role == "dispatcher" else {}
    environment = {"DISPATCHER_DATABASE_URL": _database_url("DispatcherSecretArn"), **only}
    return {
        name: _function(schedule, "DispatcherRole" if only else "ScheduleRole", environment),
        f"{name}Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Name": _named(schedule),
                "ScheduleExpression": schedule.rate,
                "Targets": [{"Id": "function", "Arn": _alias(name)}],
            },
        },
        f"{name}Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": _alias(name),
                "Principal": "events.amazonaws.com",
                "SourceArn": attribute(f"{name}Rule", "Arn"),
            },
        },
    }


def _named(function: Function) -> Resource:
    return sub(f"${{Stack}}-{function.module}-{function.name}")


def _alias(name: str) -> Resource:
    """The function's published version, which a deployment moves step by step."""
    return ref(f"{name}.Alias")


def _screaming(name: str) -> str:
    """USER_POOL_ISSUER for UserPoolIssuer."""
    return "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in name).removeprefix("_")
