"""What calls for a person or takes a deployment back: alarms on every function, on dead letters, on the outbox."""

from typing import Any

from bigledger.kernel import Operation, Subscriber
from devtools.generate.discover import Function
from devtools.generate.intrinsics import ALIAS, Resource, Resources, attribute, logical, named, ref, sub

NAMESPACE = "BigLedger"
"""Where the kernel's metrics stand; their dimension ``service`` is the stack."""

OUTBOX_LIMIT = 300
"""Seconds that an event may wait to be published."""


def alarms_of(function: Function) -> Resources:
    """The alarms of one function, which also take back a deployment of it.

    A crash is a call without an answer: a time-out, too little memory, code that does not load. A defect that the
    kernel answers is no crash to Lambda, so operations and subscribers count their answers of 5xx themselves.
    """
    name, place = logical(function.name), f"{function.module}.{function.name}"
    own = named(function)
    alarms = {
        f"{name}Crashes": _alarm(
            f"Calls of {place} end without an answer",
            "AWS/Lambda",
            "Errors",
            {"FunctionName": sub(own), "Resource": sub(f"{own}:{ALIAS}")},
        )
    }
    if isinstance(function, Operation | Subscriber):
        alarms[f"{name}Failures"] = _alarm(
            f"{place} answers that it failed (5xx)",
            NAMESPACE,
            "Outcome5xx",
            {"operation": function.name, "service": ref("Stack")},
        )
    return alarms


def dead_letter_alarm(module: str) -> Resource:
    """The alarm on what no delivery could handle."""
    return _alarm(
        f"Events that no delivery to {module} could handle are waiting",
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        {"QueueName": attribute("DeadLetterQueue", "QueueName")},
        Statistic="Maximum",
    )


def outbox_alarm() -> Resource:
    """The alarm on events that nobody hears of. Silence of the relay is the worst case, so it rings then too."""
    return _alarm(
        f"Committed events wait for longer than {OUTBOX_LIMIT} seconds to be published, or nobody publishes them",
        NAMESPACE,
        "OutboxAge",
        {"service": ref("Stack")},
        Statistic="Maximum",
        EvaluationPeriods=5,
        Threshold=OUTBOX_LIMIT,
        TreatMissingData="breaching",
    )


def _alarm(description: str, namespace: str, metric: str, dimensions: Resource, **other: Any) -> Resource:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": description,
            "Namespace": namespace,
            "MetricName": metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [ref("AlarmTopic")],
            **other,
        },
    }
