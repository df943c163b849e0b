"""What the functions of a module may do: a role for each way of working with the database, and nothing shared.

Whoever only reads signs in to the database as a role that cannot write. Which tenants' rows a function sees is the
database's to decide, by its own roles and row-level security.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bigledger.kernel import Authorizer, Hook, Operation, Schedule, Subscriber
from devtools.generate.discover import Function, Functions
from devtools.generate.intrinsics import Resource, Resources, arn, attribute, logical, ref, sub

APPLICATION = "DatabaseSecretArn"
READER = "ReaderSecretArn"
DISPATCHER = "DispatcherSecretArn"
"""The parameters with the secrets of the three database roles of functions."""

FILES = "FilesBucket"
"""The parameter with the bucket of those that keep files."""

_DATA_API = [
    "rds-data:BeginTransaction",
    "rds-data:ExecuteStatement",
    "rds-data:BatchExecuteStatement",
    "rds-data:CommitTransaction",
    "rds-data:RollbackTransaction",
]


def role_of(function: Function) -> str:
    """The logical id of the role that a function runs under."""
    match function:
        case Operation():
            return "WriteRole" if function.writes else "ReadRole"
        case Subscriber():
            return "WriteRole"
        case Schedule():
            return "DispatcherRole" if function.role == "dispatcher" else "ScheduleRole"
        case Authorizer():
            return "AuthorizerRole"
        case Hook():
            return "HookRole"


def roles(functions: Functions, relay: str | None) -> Resources:
    """The roles that a module's functions need; ``relay`` is the name of the function that publishes events."""
    nudge = [_allow(["lambda:InvokeFunction"], arn("lambda", f"function:{relay}"))] if relay else []
    queues = [attribute(f"{logical(subscriber.name)}Queue", "Arn") for subscriber in functions.subscribers]
    receive = [_allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], queues)] if queues else []
    # For all tenants: on the bus, or once more to the queue of one subscriber of some module.
    publish = [
        _allow(["events:PutEvents"], arn("events", "event-bus/${EventBus}")),
        _allow(["sqs:GetQueueUrl", "sqs:SendMessage"], arn("sqs", "${Stack}-*")),
    ]
    publishes = any(relay == f"${{Stack}}-{one.module}-{one.name}" for one in functions.schedules)
    rights: dict[str, Iterable[Resource]] = {
        "ReadRole": _database(READER),
        "WriteRole": [*_database(APPLICATION), *nudge, *receive],
        "AuthorizerRole": [*_database(READER), _allow(["secretsmanager:GetSecretValue"], ref("OperatorSecret"))],
        # Goes through the tenants as the dispatcher lists them, and works in each as the application.
        "ScheduleRole": [*_database(DISPATCHER, APPLICATION), *nudge],
        "DispatcherRole": [*_database(DISPATCHER), *(publish if publishes else [])],
        # Asks any version of any function, and answers CodeDeploy, whose names nobody can foresee.
        "HookRole": [
            _allow(["lambda:InvokeFunction"], arn("lambda", "function:${Stack}-*:*")),
            _allow(
                [
                    "codedeploy:ListDeploymentTargets",
                    "codedeploy:BatchGetDeploymentTargets",
                    "codedeploy:PutLifecycleEventHookExecutionStatus",
                ],
                arn("codedeploy", "deploymentgroup:*"),
            ),
        ],
    }
    needed = {role_of(function) for function in functions.all}
    keep = {role_of(function) for function in functions.with_files}
    return {
        name: _role([*statements, *(_files(writes=name == "WriteRole") if name in keep else []), _logs()])
        for name, statements in rights.items()
        if name in needed
    }


def _role(statements: Sequence[Resource]) -> Resource:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": _policy([trust]),
            "Policies": [{"PolicyName": "rights", "PolicyDocument": _policy(statements)}],
        },
    }


def _policy(statements: Sequence[Resource]) -> Resource:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(actions: Sequence[str], resource: Any) -> Resource:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}


def _database(*secrets: str) -> Iterator[Resource]:
    """The Data API, as the database roles of these secrets."""
    yield _allow(_DATA_API, ref("DatabaseClusterArn"))
    yield _allow(["secretsmanager:GetSecretValue"], [ref(secret) for secret in secrets])


def _files(*, writes: bool) -> Iterator[Resource]:
    """Reading files, which a link does with the rights of who made it, and for who writes them that as well."""
    actions = ["s3:GetObject", *(["s3:PutObject", "s3:AbortMultipartUpload"] if writes else [])]
    yield _allow(actions, sub(f"arn:${{AWS::Partition}}:s3:::${{{FILES}}}/*"))
    yield _allow(["kms:Decrypt", *(["kms:GenerateDataKey"] if writes else [])], ref("EncryptionKey"))


def _logs() -> Resource:
    return _allow(["logs:CreateLogStream", "logs:PutLogEvents"], attribute("LogGroup", "Arn"))
