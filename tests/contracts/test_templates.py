"""What each kind of function becomes in its module's template."""

from pathlib import Path
from typing import Any

import pytest

from devtools.generate.discover import discover
from devtools.generate.templates import OF_AUTHORIZERS, PARAMETERS, resource_count, templates
from devtools.local.cloudformation import load
from tests.contracts.tree import RELAY_EVENTS, Tree, small_tree

DATA_API = [
    *["rds-data:BeginTransaction", "rds-data:ExecuteStatement", "rds-data:BatchExecuteStatement"],
    *["rds-data:CommitTransaction", "rds-data:RollbackTransaction"],
]
LOGS = {
    "Effect": "Allow",
    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
    "Resource": {"Fn::GetAtt": ["LogGroup", "Arn"]},
}
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


def statements(printed: Any, module: str, role: str) -> list[Any]:
    """What a role of a module may do."""
    (policy,) = printed[module]["Resources"][role]["Properties"]["Policies"]
    return list(policy["PolicyDocument"]["Statement"])


def test_an_operation_is_a_function_with_its_integration_and_its_route(printed: Any) -> None:
    resources = printed["things"]["Resources"]
    assert resources["CreateThing"] == {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "FunctionName": {"Fn::Sub": "${Stack}-things-create_thing"},
            "Handler": "create_thing.create_thing",
            "MemorySize": 512,
            "Timeout": 29,
            "Role": {"Fn::GetAtt": ["WriteRole", "Arn"]},
            "AutoPublishAliasAllProperties": True,
            "DeploymentPreference": {"Alarms": [{"Ref": "CreateThingCrashes"}, {"Ref": "CreateThingFailures"}]},
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


def test_a_function_that_fails_rings_by_its_alias_and_by_its_answers(printed: Any) -> None:
    resources = printed["things"]["Resources"]
    ringing = {
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": [{"Ref": "AlarmTopic"}],
    }
    assert resources["CreateThingCrashes"]["Properties"] == {
        "AlarmDescription": "Calls of things.create_thing end without an answer",
        "Namespace": "AWS/Lambda",
        "MetricName": "Errors",
        "Dimensions": [
            {"Name": "FunctionName", "Value": {"Fn::Sub": "${Stack}-things-create_thing"}},
            {"Name": "Resource", "Value": {"Fn::Sub": "${Stack}-things-create_thing:live"}},
        ],
        **ringing,
    }
    assert resources["CreateThingFailures"]["Properties"] == {
        "AlarmDescription": "things.create_thing answers that it failed (5xx)",
        "Namespace": "BigLedger",
        "MetricName": "Outcome5xx",
        "Dimensions": [
            {"Name": "operation", "Value": "create_thing"},
            {"Name": "service", "Value": {"Ref": "Stack"}},
        ],
        **ringing,
    }


def test_reading_operations_sign_in_as_the_reader_and_may_do_nothing_else(printed: Any) -> None:
    listing = printed["things"]["Resources"]["ListThings"]["Properties"]
    assert listing["Role"] == {"Fn::GetAtt": ["ReadRole", "Arn"]}
    assert listing["Environment"]["Variables"] == {"DATABASE_URL": {"Fn::Sub": URL % "ReaderSecretArn"}}
    assert statements(printed, "things", "ReadRole") == [
        {"Effect": "Allow", "Action": DATA_API, "Resource": {"Ref": "DatabaseClusterArn"}},
        {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": [{"Ref": "ReaderSecretArn"}]},
        LOGS,
    ]


def test_writing_operations_may_nudge_the_relay_and_subscribers_take_from_their_queues(printed: Any) -> None:
    relay = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${Stack}-system-relay_events"
    writing = [
        {"Effect": "Allow", "Action": DATA_API, "Resource": {"Ref": "DatabaseClusterArn"}},
        {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": [{"Ref": "DatabaseSecretArn"}]},
        {"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": {"Fn::Sub": relay}},
    ]
    receive = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    queues = [{"Fn::GetAtt": ["OnCustomerCreatedQueue", "Arn"]}]
    assert statements(printed, "things", "WriteRole") == [*writing, LOGS]
    assert statements(printed, "counting", "WriteRole") == [
        *writing,
        {"Effect": "Allow", "Action": receive, "Resource": queues},
        LOGS,
    ]


def test_a_module_has_only_the_roles_that_its_functions_need(printed: Any) -> None:
    roles = {
        module: [name for name, resource in template["Resources"].items() if resource["Type"] == "AWS::IAM::Role"]
        for module, template in printed.items()
    }
    assert roles == {
        "counting": ["WriteRole"],
        "system": ["ReadRole", "AuthorizerRole", "DispatcherRole", "HookRole"],
        "things": ["ReadRole", "WriteRole"],
    }


def test_the_logs_of_a_module_are_kept_encrypted_and_for_a_while(printed: Any) -> None:
    assert printed["things"]["Resources"]["LogGroup"]["Properties"] == {
        "LogGroupName": {"Fn::Sub": "/bigledger/${Stack}/things"},
        "RetentionInDays": {"Ref": "LogRetention"},
        "KmsKeyId": {"Ref": "EncryptionKey"},
    }


def test_a_public_operation_has_no_authorizer(printed: Any) -> None:
    route = printed["system"]["Resources"]["GetHealthRoute"]["Properties"]
    assert route["AuthorizationType"] == "NONE"
    assert "AuthorizerId" not in route


def test_what_all_functions_share_stands_in_the_globals(printed: Any) -> None:
    assert printed["things"]["Globals"]["Function"] == {
        "Runtime": "python3.11",
        "CodeUri": ".",
        "AutoPublishAlias": "live",
        "DeploymentPreference": {
            "Type": {"Ref": "Deployment"},
            "Role": {"Ref": "DeploymentRole"},
            "Hooks": {"PreTraffic": {"Ref": "DeploymentHook"}},
        },
        "Layers": [{"Ref": "DependenciesLayer"}, {"Ref": "BigLedgerLayer"}],
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": {"Ref": "LogGroup"}},
        "Environment": {
            "Variables": {
                "STACK": {"Ref": "Stack"},
                "POWERTOOLS_SERVICE_NAME": {"Ref": "Stack"},
                "EVENT_BUS": {"Ref": "EventBus"},
                "DATABASE_URL": {"Fn::Sub": URL % "DatabaseSecretArn"},
                "RELAY": {"Fn::Sub": "lambda:${Stack}-system-relay_events"},
            }
        },
    }


def test_a_subscriber_has_a_queue_of_its_own_between_the_bus_and_the_function(printed: Any) -> None:
    resources = printed["counting"]["Resources"]
    assert resources["OnCustomerCreated"]["Properties"]["Role"] == {"Fn::GetAtt": ["WriteRole", "Arn"]}
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
    assert resources["DeadLetterAlarm"]["Properties"]["Dimensions"] == [
        {"Name": "QueueName", "Value": {"Fn::GetAtt": ["DeadLetterQueue", "QueueName"]}}
    ]
    assert resources["DeadLetterAlarm"]["Properties"]["MetricName"] == "ApproximateNumberOfMessagesVisible"


def test_the_relay_knows_the_dispatcher_and_no_other_database_role(printed: Any) -> None:
    relay = printed["system"]["Resources"]["RelayEvents"]["Properties"]
    assert relay["Role"] == {"Fn::GetAtt": ["DispatcherRole", "Arn"]}
    assert relay["Environment"]["Variables"] == {
        "DISPATCHER_DATABASE_URL": {"Fn::Sub": URL % "DispatcherSecretArn"},
        "DATABASE_URL": "",
    }
    rule = printed["system"]["Resources"]["RelayEventsRule"]["Properties"]
    assert rule["ScheduleExpression"] == "rate(1 minute)"
    assert rule["Targets"] == [{"Id": "function", "Arn": {"Ref": "RelayEvents.Alias"}}]


def test_only_the_module_of_the_relay_may_publish(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.function("system", "relay_events", RELAY_EVENTS)
    tree.function("other", "sweep", RELAY_EVENTS.replace("relay_events", "sweep"))
    found = templates(discover(tmp_path))
    assert "events:PutEvents" in found["functions/system/template.yaml"]
    assert "DispatcherRole" in found["functions/other/template.yaml"]
    assert "events:PutEvents" not in found["functions/other/template.yaml"]
    assert "sqs:SendMessage" not in found["functions/other/template.yaml"]


def test_a_schedule_of_the_application_may_also_list_the_tenants(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.function("system", "relay_events", RELAY_EVENTS.replace(', role="dispatcher"', ""))
    template = tmp_path / "functions/system/template.yaml"
    template.write_text(templates(discover(tmp_path))["functions/system/template.yaml"])
    schedule = load(template)["Resources"]["RelayEvents"]["Properties"]
    assert schedule["Role"] == {"Fn::GetAtt": ["ScheduleRole", "Arn"]}
    assert schedule["Environment"]["Variables"] == {"DISPATCHER_DATABASE_URL": {"Fn::Sub": URL % "DispatcherSecretArn"}}


def test_events_that_nobody_publishes_ring_and_so_does_silence(printed: Any) -> None:
    alarm = printed["system"]["Resources"]["OutboxAlarm"]["Properties"]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("BigLedger", "OutboxAge", "Maximum")
    assert alarm["Dimensions"] == [{"Name": "service", "Value": {"Ref": "Stack"}}]
    assert (alarm["Threshold"], alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (300, 5, "breaching")
    assert "OutboxAlarm" not in printed["things"]["Resources"]


def test_the_authorizer_is_a_function_without_a_route(printed: Any) -> None:
    resources = printed["system"]["Resources"]
    assert resources["AuthorizeRequest"]["Properties"]["Environment"]["Variables"] == {
        "USER_POOL_ISSUER": {"Ref": "UserPoolIssuer"},
        "USER_POOL_CLIENT": {"Ref": "UserPoolClient"},
        "OPERATOR_SECRET": {"Ref": "OperatorSecret"},
        "DATABASE_URL": {"Fn::Sub": URL % "ReaderSecretArn"},
    }
    own = [name for name in resources if name.startswith("AuthorizeRequest")]
    assert own == ["AuthorizeRequest", "AuthorizeRequestCrashes"]
    assert statements(printed, "system", "AuthorizerRole")[2:] == [
        {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": {"Ref": "OperatorSecret"}},
        LOGS,
    ]


def test_the_hook_takes_over_at_once_and_has_no_database(printed: Any) -> None:
    hook = printed["system"]["Resources"]["CheckDeployment"]["Properties"]
    assert hook["DeploymentPreference"] == {"Enabled": False}
    assert hook["Environment"]["Variables"] == {"DATABASE_URL": ""}
    own = "${AWS::Region}:${AWS::AccountId}"
    assert statements(printed, "system", "HookRole") == [
        {
            "Effect": "Allow",
            "Action": ["lambda:InvokeFunction"],
            "Resource": {"Fn::Sub": f"arn:${{AWS::Partition}}:lambda:{own}:function:${{Stack}}-*:*"},
        },
        {
            "Effect": "Allow",
            "Action": [
                "codedeploy:ListDeploymentTargets",
                "codedeploy:BatchGetDeploymentTargets",
                "codedeploy:PutLifecycleEventHookExecutionStatus",
            ],
            "Resource": {"Fn::Sub": f"arn:${{AWS::Partition}}:codedeploy:{own}:deploymentgroup:*"},
        },
        LOGS,
    ]


def test_every_module_takes_the_same_parameters_and_an_authorizers_some_more(printed: Any) -> None:
    assert printed["things"]["Parameters"] == printed["counting"]["Parameters"] == PARAMETERS
    assert printed["system"]["Parameters"] == {**PARAMETERS, **OF_AUTHORIZERS}


def test_a_function_counts_with_its_version_its_alias_and_what_moves_traffic(printed: Any) -> None:
    # log group, two roles, what moves traffic; three operations: function, version, alias, deployment group,
    # integration, route and two alarms each
    assert resource_count(printed["things"]) == 4 + 3 * 8
    # log group, role, what moves traffic; function, version, alias, deployment group and two alarms, queue, policy,
    # rule, mapping; the module's dead-letter queue and its alarm
    assert resource_count(printed["counting"]) == 3 + 6 + 4 + 2
    # log group, four roles, what moves traffic, the alarm of the outbox; an operation, the relay with its rule and
    # permission, the authorizer, and the hook, which is not moved
    assert resource_count(printed["system"]) == 7 + 8 + 7 + 5 + 4


def test_printing_again_gives_the_same_bytes(tmp_path: Path) -> None:
    root = small_tree(tmp_path).root
    assert templates(discover(root)) == templates(discover(root))
