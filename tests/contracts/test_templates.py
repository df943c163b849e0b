"""What each kind of function becomes in its module's template."""

from pathlib import Path
from typing import Any

import pytest

from devtools.generate.discover import discover
from devtools.generate.templates import PARAMETERS, resource_count, templates
from devtools.local.cloudformation import load
from tests.contracts.tree import RELAY_EVENTS, Tree, small_tree

URL = "postgresql+auroradataapi://:@/${DatabaseName}?aurora_cluster_arn=${DatabaseClusterArn}&secret_arn=${%s}"


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The templates of the small tree, read back from their YAML."""
    root = small_tree(tmp_path_factory.mktemp("tree")).root
    found = {}
    for path, text in templates(discover(root)).items():
        (root / path).write_text(text)
        found[Path(path).parent.name] = load(root / path)
    return found


def test_an_operation_is_a_function_with_its_integration_and_its_route(printed: Any) -> None:
    resources = printed["things"]["Resources"]
    assert resources["CreateThing"] == {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "FunctionName": {"Fn::Sub": "${Stack}-things-create_thing"},
            "Handler": "create_thing.create_thing",
            "MemorySize": 512,
            "Timeout": 29,
            "Role": {"Ref": "WriteRole"},
            "AutoPublishAliasAllProperties": True,
        },
    }
    assert resources["CreateThingIntegration"] == {
        "Type": "AWS::ApiGatewayV2::Integration",
        "Properties": {
            "ApiId": {"Ref": "ApiId"},
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": {"Ref": "CreateThing.Alias"},
            "PayloadFormatVersion": "2.0",
            "CredentialsArn": {"Ref": "ApiRole"},
            "TimeoutInMillis": 30000,
        },
    }
    assert resources["CreateThingRoute"] == {
        "Type": "AWS::ApiGatewayV2::Route",
        "Properties": {
            "ApiId": {"Ref": "ApiId"},
            "RouteKey": "POST /api/v1/things",
            "AuthorizationType": "CUSTOM",
            "AuthorizerId": {"Ref": "AuthorizerId"},
            "Target": {"Fn::Sub": "integrations/${CreateThingIntegration}"},
        },
    }


def test_reading_operations_run_under_the_reading_role(printed: Any) -> None:
    assert printed["things"]["Resources"]["ListThings"]["Properties"]["Role"] == {"Ref": "ReadRole"}


def test_a_public_operation_has_no_authorizer(printed: Any) -> None:
    route = printed["system"]["Resources"]["GetHealthRoute"]["Properties"]
    assert route["AuthorizationType"] == "NONE"
    assert "AuthorizerId" not in route


def test_what_all_functions_share_stands_in_the_globals(printed: Any) -> None:
    assert printed["things"]["Globals"]["Function"] == {
        "Runtime": "python3.11",
        "CodeUri": ".",
        "AutoPublishAlias": "live",
        "Layers": [{"Ref": "DependenciesLayer"}, {"Ref": "BigLedgerLayer"}],
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": {"Ref": "LogGroup"}},
        "Environment": {
            "Variables": {
                "STACK": {"Ref": "Stack"},
                "EVENT_BUS": {"Ref": "EventBus"},
                "DATABASE_URL": {"Fn::Sub": URL % "DatabaseSecretArn"},
                "RELAY": {"Fn::Sub": "lambda:${Stack}-system-relay_events"},
            }
        },
    }


def test_a_subscriber_has_a_queue_of_its_own_between_the_bus_and_the_function(printed: Any) -> None:
    resources = printed["counting"]["Resources"]
    assert resources["OnCustomerCreated"]["Properties"]["Role"] == {"Ref": "WriteRole"}
    assert resources["OnCustomerCreatedQueue"]["Properties"] == {
        "QueueName": {"Fn::Sub": "${Stack}-counting-on_customer_created"},
        "VisibilityTimeout": 120,
        "MessageRetentionPeriod": 1209600,
        "SqsManagedSseEnabled": True,
        "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}, "maxReceiveCount": 8},
    }
    assert resources["OnCustomerCreatedRule"]["Properties"] == {
        "Name": {"Fn::Sub": "${Stack}-counting-on_customer_created"},
        "EventBusName": {"Ref": "EventBus"},
        "EventPattern": {"detail-type": ["customer.created"]},
        "Targets": [{"Id": "queue", "Arn": {"Fn::GetAtt": ["OnCustomerCreatedQueue", "Arn"]}}],
    }
    assert resources["OnCustomerCreatedEventSourceMapping"]["Properties"] == {
        "EventSourceArn": {"Fn::GetAtt": ["OnCustomerCreatedQueue", "Arn"]},
        "FunctionName": {"Ref": "OnCustomerCreated.Alias"},
        "BatchSize": 10,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 10},
    }
    (statement,) = resources["OnCustomerCreatedQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": {"Fn::GetAtt": ["OnCustomerCreatedQueue", "Arn"]},
        "Condition": {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["OnCustomerCreatedRule", "Arn"]}}},
    }
    assert resources["DeadLetterQueue"]["Properties"]["QueueName"] == {"Fn::Sub": "${Stack}-counting-dead"}
    assert resources["DeadLetterAlarm"]["Condition"] == "HasAlarmTopic"


def test_the_relay_knows_the_dispatcher_and_no_other_database_role(printed: Any) -> None:
    relay = printed["system"]["Resources"]["RelayEvents"]["Properties"]
    assert relay["Role"] == {"Ref": "DispatcherRole"}
    assert relay["Environment"]["Variables"] == {
        "DISPATCHER_DATABASE_URL": {"Fn::Sub": URL % "DispatcherSecretArn"},
        "DATABASE_URL": "",
    }
    rule = printed["system"]["Resources"]["RelayEventsRule"]["Properties"]
    assert rule["ScheduleExpression"] == "rate(1 minute)"
    assert rule["Targets"] == [{"Id": "function", "Arn": {"Ref": "RelayEvents.Alias"}}]


def test_a_schedule_of_the_application_may_also_list_the_tenants(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.function("system", "relay_events", RELAY_EVENTS.replace(', role="dispatcher"', ""))
    template = tmp_path / "functions/system/template.yaml"
    template.write_text(templates(discover(tmp_path))["functions/system/template.yaml"])
    schedule = load(template)["Resources"]["RelayEvents"]["Properties"]
    assert schedule["Role"] == {"Ref": "ScheduleRole"}
    assert schedule["Environment"]["Variables"] == {"DISPATCHER_DATABASE_URL": {"Fn::Sub": URL % "DispatcherSecretArn"}}


def test_the_authorizer_is_a_function_without_a_route(printed: Any) -> None:
    resources = printed["system"]["Resources"]
    assert resources["AuthorizeRequest"]["Properties"]["Environment"]["Variables"] == {
        "USER_POOL_ISSUER": {"Ref": "UserPoolIssuer"},
        "USER_POOL_CLIENT": {"Ref": "UserPoolClient"},
        "OPERATOR_SECRET": {"Ref": "OperatorSecret"},
    }
    assert [name for name in resources if name.startswith("AuthorizeRequest")] == ["AuthorizeRequest"]


def test_every_module_takes_the_same_parameters(printed: Any) -> None:
    for template in printed.values():
        assert template["Parameters"] == PARAMETERS


def test_a_function_counts_with_its_version_and_its_alias(printed: Any) -> None:
    # three operations: function, version, alias, integration and route each
    assert resource_count(printed["things"]) == 15
    # function, version, alias, queue, policy, rule, mapping; the module's dead-letter queue and its alarm
    assert resource_count(printed["counting"]) == 9


def test_printing_again_gives_the_same_bytes(tmp_path: Path) -> None:
    root = small_tree(tmp_path).root
    assert templates(discover(root)) == templates(discover(root))
