"""The custom approval applet: its function, its manifest and its template, from the bus to the API."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
import yaml
from moto import mock_aws

from bigledger_applet import Api, Client, read_event, read_manifest, rule_pattern
from bigledger_applet.matching import matches
from tests.applets.events import INVOICE, TENANT, batch, bus_event, failed, invoice_created, message
from tests.applets.played import PlayedApi

APPLET = Path(__file__).resolve().parents[2] / "applets" / "custom_approval"
TEMPLATE = yaml.safe_load((APPLET / "template.yaml").read_text())
RESOURCES = TEMPLATE["Resources"]
REVIEW = (f"/api/v1/documents/{INVOICE}/approval-requests", {"reason": "above 10,000"})


@pytest.fixture
def app(load: Callable[[Path], ModuleType], monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The applet as a fresh Lambda environment loads it."""
    monkeypatch.delenv("STAKEHOLDER_TOPIC", raising=False)
    return load(APPLET / "app.py")


def payment_received(amount: str = "500.00", number: int = 9) -> dict[str, Any]:
    """A ``payment.received``."""
    customer = {"id": "01980000-0000-7000-8000-0000000000c1", "code": "CUST001", "name": "Harbor Books"}
    data = {
        "number": "PAY-2026-000001",
        "customer": customer,
        "date": "2026-11-23",
        "currency": "USD",
        "amount": amount,
    }
    return bus_event("payment.received", data, number=number, subject="payment/01980000-0000-7000-8000-0000000000b1")


# --- the function ---


def test_a_large_invoice_is_sent_for_approval(played: PlayedApi, app: ModuleType) -> None:
    assert app.handler(batch(message(invoice_created("12500.00"))), None) == failed()
    (sent,) = played.requests
    assert (sent.method, sent.path, sent.body) == ("POST", *REVIEW)
    assert sent.headers["authorization"] == "Bearer blg_test_applet"
    assert sent.headers["idempotency-key"] == "acme.custom_approval:01980000-0000-7000-8000-000000000001:1"
    assert sent.headers["x-correlation-id"] == "request-7"


@pytest.mark.parametrize(
    ("total", "reviewed"), [("10000.00", False), ("10000.01", True), ("9999.99", False), ("-20000.00", False)]
)
def test_large_is_above_10000_to_the_cent(played: PlayedApi, app: ModuleType, total: str, reviewed: bool) -> None:
    assert app.handler(batch(message(invoice_created(total))), None) == failed()
    assert played.effects == ([REVIEW] if reviewed else [])


def test_an_invoice_delivered_three_times_is_reviewed_once(
    played: PlayedApi, app: ModuleType, load: Callable[[Path], ModuleType]
) -> None:
    again = message(invoice_created("12500.00"), "m2")
    assert app.handler(batch(message(invoice_created("12500.00")), again), None) == failed()
    assert load(APPLET / "app.py").handler(batch(again), None) == failed()
    assert len({sent.headers["idempotency-key"] for sent in played.requests}) == 1
    assert (len(played.requests), played.effects) == (3, [REVIEW])


@pytest.mark.parametrize(
    ("status", "code", "detail"),
    [
        (403, "forbidden", "acme.custom_approval lacks the permission workflow.request_approval."),
        (401, "unauthenticated", "This key was revoked or changed, or has expired. Use the present one."),
    ],
)
def test_a_disabled_applet_fails_its_messages_clearly_and_works_again_when_enabled(
    played: PlayedApi, app: ModuleType, caplog: pytest.LogCaptureFixture, status: int, code: str, detail: str
) -> None:
    """Without its permissions or its key the applet is refused by the API, and the queue keeps the event."""
    played.problem(status, code, detail)
    delivered = batch(message(invoice_created("12500.00"), "large"), message(payment_received(), "payment"))
    assert app.handler(delivered, None) == failed("large")
    (record,) = [record for record in caplog.records if record.message == "the API refused"]
    facts = {name: getattr(record, name) for name in ("event", "event_id", "message_id", "status", "code", "detail")}
    assert facts == {
        "event": "invoice.created",
        "event_id": "01980000-0000-7000-8000-000000000001",
        "message_id": "large",
        "status": status,
        "code": code,
        "detail": detail,
    }
    assert played.effects == []
    assert app.handler(batch(delivered["Records"][0]), None) == failed()
    assert played.effects == [REVIEW]


def test_an_event_of_an_unknown_version_fails_its_message_alone(played: PlayedApi, app: ModuleType) -> None:
    delivered = batch(
        message(invoice_created("12500.00", number=1, version=2), "new version"),
        message(invoice_created("12500.00", number=2), "known version"),
    )
    assert app.handler(delivered, None) == failed("new version")
    assert [sent.headers["idempotency-key"][-3:] for sent in played.requests] == ["2:1"]


def test_a_payment_is_told_in_the_log(played: PlayedApi, app: ModuleType, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert app.handler(batch(message(payment_received("500.00"))), None) == failed()
    (record,) = [record for record in caplog.records if record.message == "payment received"]
    facts = (record.payment, record.paid, record.published)  # type: ignore[attr-defined]
    assert facts == ("PAY-2026-000001", "500.00 USD from CUST001", False)
    assert played.requests == []


def test_a_payment_is_published_to_the_stakeholders_topic(
    played: PlayedApi, app: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mock_aws():
        sqs = boto3.client("sqs")
        queue = sqs.create_queue(QueueName="stakeholder")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns = boto3.client("sns")
        topic = sns.create_topic(Name="payments")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        monkeypatch.setenv("STAKEHOLDER_TOPIC", topic)
        assert app.handler(batch(message(payment_received("500.00"))), None) == failed()
        (received,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    told = json.loads(received["Body"])
    assert told["Subject"] == "Payment received: 500.00 USD from CUST001"
    assert told["Message"] == "Payment PAY-2026-000001 of 2026-11-23: 500.00 USD from CUST001."
    assert told["MessageAttributes"]["event_id"]["Value"] == "01980000-0000-7000-8000-000000000009"


def test_a_topic_that_is_gone_sends_the_message_back(
    played: PlayedApi, app: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mock_aws():
        monkeypatch.setenv("STAKEHOLDER_TOPIC", "arn:aws:sns:eu-west-1:123456789012:gone")
        assert app.handler(batch(message(payment_received())), None) == failed("m1")


# --- the template ---


def of_type(type: str) -> dict[str, dict[str, Any]]:
    """The properties of the template's resources of one type, by logical id."""
    return {name: resource["Properties"] for name, resource in RESOURCES.items() if resource["Type"] == type}


def test_the_rules_are_those_of_the_hooks() -> None:
    hooks = read_manifest(APPLET / "applet.yaml").hooks
    rules = of_type("AWS::Events::Rule")
    assert [rule["EventPattern"] for rule in rules.values()] == [
        rule_pattern(hook, {"Ref": "Tenant"}) for hook in hooks
    ]
    for rule in rules.values():
        assert rule["EventBusName"] == {"Ref": "EventBus"}
        assert [target["Arn"] for target in rule["Targets"]] == [{"Fn::GetAtt": ["Queue", "Arn"]}]
    (policy,) = of_type("AWS::SQS::QueuePolicy").values()
    sources = policy["PolicyDocument"]["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert sources == [{"Fn::GetAtt": [name, "Arn"]} for name in rules]


def test_every_hook_has_a_handler_and_the_reverse(app: ModuleType) -> None:
    hooks = {(hook.event, hook.version) for hook in app.applet.manifest.hooks}
    assert set(app.applet._handlers) == hooks


def test_the_queue_feeds_the_function_and_takes_back_what_fails() -> None:
    function = RESOURCES["CustomApproval"]["Properties"]
    assert function["FunctionName"] == {"Fn::Sub": "${Stack}-applet-custom_approval"}
    assert function["Handler"] == "app.handler"
    queue = RESOURCES["Queue"]["Properties"]
    assert queue["QueueName"] == {"Fn::Sub": "${Stack}-applet-custom_approval"}
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}
    assert queue["VisibilityTimeout"] == 6 * function["Timeout"]
    (mapping,) = of_type("AWS::Lambda::EventSourceMapping").values()
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": ["Queue", "Arn"]}
    assert mapping["FunctionName"] == {"Ref": "CustomApproval"}
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    limits = read_manifest(APPLET / "applet.yaml").limits
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": limits.concurrency}


def test_the_role_allows_what_the_function_does_and_no_more() -> None:
    (role,) = of_type("AWS::IAM::Role").values()
    assert "ManagedPolicyArns" not in role
    allowed: dict[str, Any] = {}
    for policy in role["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            actions = statement["Action"]
            allowed |= dict.fromkeys([actions] if isinstance(actions, str) else actions, statement["Resource"])
    queue, log = {"Fn::GetAtt": ["Queue", "Arn"]}, {"Fn::GetAtt": ["LogGroup", "Arn"]}
    secret = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${ApiKeySecret}-??????"
    assert allowed == {
        "sqs:ReceiveMessage": queue,
        "sqs:DeleteMessage": queue,
        "sqs:GetQueueAttributes": queue,
        "secretsmanager:GetSecretValue": {"Fn::Sub": secret},
        "logs:CreateLogStream": log,
        "logs:PutLogEvents": log,
    }


def test_the_permissions_are_those_of_the_calls_it_makes() -> None:
    assert read_manifest(APPLET / "applet.yaml").permissions == ["workflow.request_approval"]


def test_from_the_bus_to_the_api(played: PlayedApi, app: ModuleType) -> None:
    """The template's own rules on a bus: what they let through is handled, and nothing of another tenant."""
    sent = [
        invoice_created("12500.00", number=1),
        invoice_created("10.00", number=2),
        invoice_created("99999.00", number=3, tenant="01980000-0000-7000-8000-000000000002"),
        invoice_created("99999.00", number=4, version=2),
        bus_event("invoice.voided", {"total": "99999.00"}, number=5),
        payment_received(number=6),
    ]
    with mock_aws():
        bus, sqs = boto3.client("events"), boto3.client("sqs")
        bus.create_event_bus(Name="bigledger")
        queue = sqs.create_queue(QueueName="bigledger-applet-custom_approval")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        for name, rule in of_type("AWS::Events::Rule").items():
            pattern = json.dumps(rule["EventPattern"]).replace('{"Ref": "Tenant"}', json.dumps(TENANT))
            bus.put_rule(Name=name, EventBusName="bigledger", EventPattern=pattern)
            bus.put_targets(Rule=name, EventBusName="bigledger", Targets=[{"Id": "queue", "Arn": arn}])
        entries = [
            {
                "Source": event["source"],
                "DetailType": event["detail-type"],
                "Detail": json.dumps(event["detail"]),
                "EventBusName": "bigledger",
            }
            for event in sent
        ]
        assert bus.put_events(Entries=entries)["FailedEntryCount"] == 0
        received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    messages = [{"messageId": one["MessageId"], "body": one["Body"]} for one in received]
    assert sorted(json.loads(one["body"])["detail"]["id"][-1] for one in messages) == ["1", "2", "6"]
    assert app.handler(batch(*messages), None) == failed()
    assert played.effects == [REVIEW]


@pytest.mark.parametrize(("total", "large"), [("9999.99", False), ("10000.00", False), ("10000.01", True)])
def test_the_threshold_is_the_same_in_manifest_and_code(
    played: PlayedApi, app: ModuleType, total: str, large: bool
) -> None:
    """The hook lets through exactly the invoices that the function acts on."""
    created = invoice_created(total)
    assert matches(app.applet.manifest.hooks[0].match, created["detail"]["data"]) is large
    api = Api(Client(played.url), app.applet.manifest.id, "e-1", "c")
    app.hold_large_invoices(read_event(json.dumps(created)), api)
    assert played.effects == ([REVIEW] if large else [])
