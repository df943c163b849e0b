"""The committed templates: what is deployed is guarded, encrypted, watched, and may do no more than it has to."""

import json
import os
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from devtools.generate import alarms
from devtools.generate.templates import OF_AUTHORIZERS, OF_FILES, PARAMETERS
from devtools.local.cloudformation import PSEUDO_PARAMETERS, Values, load, references
from tests.structure.sources import ROOT, function_files

Template = dict[str, Any]

TOP = load(ROOT / "template.yaml")
MONITORING = load(ROOT / "infrastructure" / "monitoring.yaml")
MODULES = {path.parent.name: load(path) for path in sorted((ROOT / "functions").glob("*/template.yaml"))}
ALL = {"template": TOP, "monitoring": MONITORING, **MODULES}

modules = pytest.mark.parametrize("module", MODULES)

FUNCTION = "AWS::Serverless::Function"
HOOK = "CheckDeployment"
SECRETS = {"DatabaseSecretArn", "ReaderSecretArn", "DispatcherSecretArn", "OperatorSecret"}

WILDCARDS = {
    "function:${Stack}-*": "CodeDeploy moves the aliases of all functions",
    "function:${Stack}-*:live": "the API calls the present version of every operation",
    "function:${Stack}-*:*": "the hook asks the next version of every function",
    "sqs:${AWS::Region}:${AWS::AccountId}:${Stack}-*": "the relay redelivers to any subscriber of any module",
    "deploymentgroup:*": "CodeDeploy's names are made up by CloudFormation",
    "${FilesBucket}/*": "files are made as tenants ask for them",
    "alarm:*": "so are the names of alarms",
}
"""How the resources end that are not named to the end, each with its reason."""


def of(template: Template, kind: str) -> dict[str, Any]:
    """The properties of the resources of a type, by logical id."""
    return {name: one.get("Properties", {}) for name, one in template["Resources"].items() if one["Type"] == kind}


def every(kind: str) -> Iterator[tuple[str, Any]]:
    """The properties of the resources of a type in all templates, by template and logical id."""
    for place, template in ALL.items():
        for name, properties in of(template, kind).items():
            yield f"{place} {name}", properties


def statements() -> Iterator[tuple[str, Any]]:
    """Every statement of every role's rights, by template and role."""
    for role, properties in every("AWS::IAM::Role"):
        for policy in properties["Policies"]:
            yield from ((role, one) for one in policy["PolicyDocument"]["Statement"])


def as_list(value: Any) -> list[Any]:
    """One or several, as CloudFormation takes either."""
    return value if isinstance(value, list) else [value]


# --- a module is complete by itself


def test_every_function_is_deployed() -> None:
    deployed = {
        f"{module}/{properties['Handler'].partition('.')[0].removeprefix(f'{module}/')}.py"
        for module, template in MODULES.items()
        for properties in of(template, FUNCTION).values()
    }
    assert deployed == {f"{path.parent.name}/{path.name}" for path in function_files()}


@modules
def test_a_module_refers_to_nothing_but_its_parameters_and_itself(module: str) -> None:
    template = MODULES[module]
    known = {*template["Parameters"], *template["Resources"], *PSEUDO_PARAMETERS, "AWS::NoValue"}
    used = set(references([template["Resources"], template["Globals"]]))
    assert used - known == set()


@modules
def test_a_function_has_its_role_its_logs_and_its_alias(module: str) -> None:
    template = MODULES[module]
    shared = template["Globals"]["Function"]
    assert shared["AutoPublishAlias"] == "live"
    assert shared["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": {"Ref": "LogGroup"}}
    for name, properties in of(template, FUNCTION).items():
        assert not properties.keys() & {"AutoPublishAlias", "LoggingConfig", "Runtime", "Layers"}, name
        role, attribute = properties["Role"]["Fn::GetAtt"]
        assert (role in of(template, "AWS::IAM::Role"), attribute) == (True, "Arn")


@modules
def test_whatever_calls_a_function_calls_its_alias(module: str) -> None:
    """Otherwise it would call the newest code before a deployment has let it through."""
    template = MODULES[module]
    aliases = [{"Ref": f"{name}.Alias"} for name in of(template, FUNCTION)]
    called = [one["IntegrationUri"] for one in of(template, "AWS::ApiGatewayV2::Integration").values()]
    called += [one["FunctionName"] for one in of(template, "AWS::Lambda::EventSourceMapping").values()]
    called += [one["FunctionName"] for one in of(template, "AWS::Lambda::Permission").values()]
    for rule in of(template, "AWS::Events::Rule").values():
        if "ScheduleExpression" in rule:
            called += [target["Arn"] for target in rule["Targets"]]
    assert [one for one in called if one not in aliases] == []


def test_what_stands_outside_of_the_modules_names_functions_that_exist() -> None:
    """The root knows the authorizer and the hook by name only, since it makes what they need."""
    names = set(re.findall(r"\$\{Stack}-([a-z_]+-[a-z_]+)", (ROOT / "template.yaml").read_text()))
    assert names == {"platform-authorize_request", "platform-check_deployment"}
    assert {f"{path.parent.name}-{path.stem}" for path in function_files()} >= names
    (authorizer,) = of(TOP, "AWS::ApiGatewayV2::Authorizer").values()
    assert "${Function}:live/invocations" in authorizer["AuthorizerUri"]["Fn::Sub"][0]


def test_the_root_tells_all_that_a_module_needs_to_be_deployed_alone() -> None:
    told = {name: output["Value"] for name, output in TOP["Outputs"].items()}
    assert {*PARAMETERS, *OF_AUTHORIZERS, *OF_FILES} <= told.keys()
    for name, application in of(TOP, "AWS::Serverless::Application").items():
        assert {key: told[key] for key in application["Parameters"]} == application["Parameters"], name


# --- a stage chooses what is installed and how it is guarded


def values(**given: str) -> Values:
    """The root template's conditions with these parameters."""
    return Values(TOP, "root", given)


def test_everything_is_installed_unless_it_is_left_out() -> None:
    applications = [one for one in TOP["Resources"].values() if one["Type"] == "AWS::Serverless::Application"]
    assert len(applications) == len(MODULES)
    assert [one for one in applications if not values().holds(one.get("Condition"))] == []


def installed(**given: str) -> set[str]:
    """The modules that these choices install."""
    found = values(**given)
    return {
        name.lower()
        for name, one in TOP["Resources"].items()
        if one["Type"] == "AWS::Serverless::Application" and found.holds(one.get("Condition"))
    }


def test_a_firm_that_only_keeps_books_installs_the_ledger() -> None:
    nothing = {name: "false" for name in TOP["Parameters"] if name.startswith("Install")}
    assert installed(**nothing) == {"events", "platform", "records"}
    assert installed(**nothing | {"InstallLedger": "true"}) == {"currency", "events", "ledger", "platform", "records"}
    assert installed(**nothing | {"InstallReceivables": "true"}) >= {"inventory", "ledger", "tax", "workflow"}


def overrides(stage: str) -> dict[str, str]:
    """The parameters that samconfig.toml gives a stage."""
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    pairs = config[stage]["deploy"]["parameters"]["parameter_overrides"].split()
    return dict(pair.split("=") for pair in pairs)


@pytest.mark.parametrize("stage", ["default", "staging", "prod"])
def test_a_stage_gives_parameters_that_there_are(stage: str) -> None:
    for name, value in overrides(stage).items():
        declared = TOP["Parameters"][name]
        assert value in declared.get("AllowedValues", [value]), name
        assert re.fullmatch(declared.get("AllowedPattern", ".*"), value), name
        assert len(value) <= declared.get("MaxLength", 100), name


def test_production_moves_step_by_step_and_cannot_be_deleted() -> None:
    canary = "CodeDeployDefault.LambdaCanary10Percent5Minutes"
    assert overrides("prod")["Deployment"] == overrides("staging")["Deployment"] == canary
    assert overrides("prod")["DeletionProtection"] == overrides("staging")["DeletionProtection"] == "true"
    assert int(overrides("prod")["BackupDays"]) == 35
    assert "Deployment" not in overrides("default")
    assert TOP["Parameters"]["Deployment"]["Default"] == "CodeDeployDefault.LambdaAllAtOnce"
    assert overrides("default")["DeletionProtection"] == "false"
    assert TOP["Parameters"]["DeletionProtection"]["Default"] == "true"


# --- a new version takes traffic step by step, and alarms take it back


@modules
def test_a_new_version_is_asked_first_and_taken_back_when_an_alarm_rings(module: str) -> None:
    template = MODULES[module]
    assert template["Globals"]["Function"]["DeploymentPreference"] == {
        "Type": {"Ref": "Deployment"},
        "Role": {"Ref": "DeploymentRole"},
        "Hooks": {"PreTraffic": {"Ref": "DeploymentHook"}},
    }
    for name, properties in of(template, FUNCTION).items():
        assert properties["AutoPublishAliasAllProperties"] is True, name  # a new layer is a new version, too
        if name == HOOK:
            assert properties["DeploymentPreference"] == {"Enabled": False}
            continue
        watched = [template["Resources"][one["Ref"]] for one in properties["DeploymentPreference"]["Alarms"]]
        assert [one["Type"] for one in watched] == ["AWS::CloudWatch::Alarm"] * len(watched)
        crashes = {"FunctionName": properties["FunctionName"]["Fn::Sub"]}
        crashes["Resource"] = f"{crashes['FunctionName']}:live"
        dimensions = {one["Name"]: one["Value"]["Fn::Sub"] for one in watched[0]["Properties"]["Dimensions"]}
        assert dimensions == crashes


def test_codedeploy_may_move_aliases_and_call_the_hook_and_nothing_else() -> None:
    role = of(TOP, "AWS::IAM::Role")["DeploymentRole"]
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "codedeploy.amazonaws.com"}
    actions = [
        action for name, one in statements() if name == "template DeploymentRole" for action in as_list(one["Action"])
    ]
    assert sorted(actions) == [
        "cloudwatch:DescribeAlarms",
        "lambda:GetAlias",
        "lambda:GetProvisionedConcurrencyConfig",
        "lambda:InvokeFunction",
        "lambda:UpdateAlias",
    ]


# --- least privilege


def test_no_right_is_given_on_everything() -> None:
    assert [role for role, one in statements() if "*" in as_list(one["Resource"])] == []
    assert [role for role, one in statements() if any("*" in action for action in as_list(one["Action"]))] == []
    assert [role for role, one in statements() if one["Effect"] != "Allow" or "NotAction" in one] == []


def test_what_is_named_by_a_pattern_cannot_be_named_otherwise() -> None:
    patterns = {
        resource["Fn::Sub"]
        for _, one in statements()
        for resource in as_list(one["Resource"])
        if "Fn::Sub" in resource and "*" in resource["Fn::Sub"]
    }
    assert [one for one in patterns if not one.endswith(tuple(WILDCARDS))] == []
    assert [end for end in WILDCARDS if not any(one.endswith(end) for one in patterns)] == []


def test_a_role_knows_the_secrets_of_its_way_of_working_only() -> None:
    expected = {
        "ReadRole": {"ReaderSecretArn"},
        "WriteRole": {"DatabaseSecretArn"},
        "AuthorizerRole": {"ReaderSecretArn", "OperatorSecret"},
        "DispatcherRole": {"DispatcherSecretArn"},
        "ScheduleRole": {"DispatcherSecretArn", "DatabaseSecretArn"},
        "HookRole": set(),
    }
    for module, template in MODULES.items():
        for name, role in of(template, "AWS::IAM::Role").items():
            assert set(references(role)) & SECRETS == expected[name], f"{module} {name}"
            managed = role.keys() & {"ManagedPolicyArns", "PermissionsBoundary", "RoleName"}
            assert managed == set(), f"{module} {name}"


@modules
def test_a_function_signs_in_with_the_secret_that_its_role_knows(module: str) -> None:
    template = MODULES[module]
    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    for name, properties in of(template, FUNCTION).items():
        variables = shared | properties.get("Environment", {}).get("Variables", {})
        role = template["Resources"][properties["Role"]["Fn::GetAtt"][0]]
        used = set(references(variables)) & SECRETS
        assert used == set(references(role)) & SECRETS, name


def test_reading_and_writing_are_apart() -> None:
    """Whose route is a GET runs under the reading role, and under that role runs nothing else."""
    for module, template in MODULES.items():
        for name, route in of(template, "AWS::ApiGatewayV2::Route").items():
            role = of(template, FUNCTION)[name.removesuffix("Route")]["Role"]["Fn::GetAtt"][0]
            expected = "ReadRole" if route["RouteKey"].startswith("GET ") else "WriteRole"
            assert role == expected, f"{module} {name}"


def test_only_known_routes_ask_for_no_key() -> None:
    public = {
        route["RouteKey"]
        for _, route in every("AWS::ApiGatewayV2::Route")
        if (route["AuthorizationType"], route.get("AuthorizerId")) != ("CUSTOM", {"Ref": "AuthorizerId"})
    }
    assert public == {"GET /api/v1/health", "GET /api/v1/openapi.json"}


# --- no secret lies open, and everything that lies still is encrypted


@modules
def test_no_secret_stands_in_the_environment(module: str) -> None:
    """What a function has is the ARN of a secret; its value it fetches with its role, or the database does."""
    template = MODULES[module]
    functions = [template["Globals"]["Function"], *of(template, FUNCTION).values()]
    environments = [one.get("Environment", {}).get("Variables", {}) for one in functions]
    for name, value in [pair for one in environments for pair in one.items()]:
        text = json.dumps(value)
        assert "resolve:" not in text, name
        assert not re.search(r"password|token|api.?key", f"{name} {text}", re.IGNORECASE), name
        if "DATABASE_URL" in name and value:
            assert value["Fn::Sub"].startswith("postgresql+auroradataapi://:@/"), name


def test_secrets_are_made_by_aws_and_never_told() -> None:
    for name, secret in of(TOP, "AWS::SecretsManager::Secret").items():
        assert "SecretString" not in secret, name
        assert secret["GenerateSecretString"]["PasswordLength"] >= 40, name
        assert TOP["Resources"][name]["DeletionPolicy"] == "Retain", name
    assert not set(references(TOP["Outputs"])) & {"ApplicationPassword", "OperatorKey"}
    assert "resolve:" not in (ROOT / "template.yaml").read_text()


def test_the_database_is_encrypted_kept_and_backed_up() -> None:
    database = of(TOP, "AWS::RDS::DBCluster")["Database"]
    assert database["EnableHttpEndpoint"] is True
    assert database["ManageMasterUserPassword"] is True
    assert "MasterUserPassword" not in database
    assert database["StorageEncrypted"] is True
    assert database["KmsKeyId"] == {"Fn::GetAtt": ["EncryptionKey", "Arn"]}
    assert database["BackupRetentionPeriod"] == {"Ref": "BackupDays"}
    assert database["DeletionProtection"] == {"Ref": "DeletionProtection"}
    assert database["ServerlessV2ScalingConfiguration"] == {
        "MinCapacity": {"Ref": "DatabaseMinimum"},
        "MaxCapacity": {"Ref": "DatabaseMaximum"},
    }
    resource = TOP["Resources"]["Database"]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Snapshot", "Snapshot")
    instance = of(TOP, "AWS::RDS::DBInstance")["DatabaseInstance"]
    assert (instance["DBInstanceClass"], instance["PubliclyAccessible"]) == ("db.serverless", False)


def test_the_key_turns_and_outlives_the_stack() -> None:
    key = TOP["Resources"]["EncryptionKey"]
    assert key["Properties"]["EnableKeyRotation"] is True
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("Retain", "Retain")
    services = [one for one in key["Properties"]["KeyPolicy"]["Statement"] if "Service" in one["Principal"]]
    assert len(services) == 2
    assert [one["Sid"] for one in services if "Condition" not in one] == []


def test_every_log_is_encrypted_and_ends() -> None:
    groups = dict(every("AWS::Logs::LogGroup"))
    assert groups.keys() == {"template ApiLogGroup", *(f"{module} LogGroup" for module in MODULES)}
    for name, group in groups.items():
        assert group["RetentionInDays"] == {"Ref": "LogRetention"}, name
        assert "EncryptionKey" in references(group["KmsKeyId"]), name
        assert group["LogGroupName"]["Fn::Sub"].startswith("/bigledger/${Stack}/"), name  # as the key's policy has it


def test_every_topic_and_every_queue_is_encrypted() -> None:
    assert [
        name for name, topic in every("AWS::SNS::Topic") if topic["KmsMasterKeyId"] != {"Ref": "EncryptionKey"}
    ] == []
    assert [name for name, queue in every("AWS::SQS::Queue") if queue["SqsManagedSseEnabled"] is not True] == []


@modules
def test_every_queue_has_a_last_resort_and_a_reader(module: str) -> None:
    template = MODULES[module]
    queues = of(template, "AWS::SQS::Queue")
    last = queues.pop("DeadLetterQueue", None)
    assert (last is None) == (queues == {})
    read = [mapping["EventSourceArn"] for mapping in of(template, "AWS::Lambda::EventSourceMapping").values()]
    sent = [target["Arn"] for rule in of(template, "AWS::Events::Rule").values() for target in rule["Targets"]]
    for name, queue in queues.items():
        arn = {"Fn::GetAtt": [name, "Arn"]}
        assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}, name
        assert (arn in read, arn in sent) == (True, True), name
        policies = of(template, "AWS::SQS::QueuePolicy").values()
        assert [policy for policy in policies if policy["Queues"] == [{"Ref": name}]], name
    for policy in of(template, "AWS::SQS::QueuePolicy").values():
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        assert "ArnEquals" in statement["Condition"]


# --- events are kept, requests limited and noted, and a person is told


def test_events_can_be_replayed() -> None:
    archive = of(TOP, "AWS::Events::Archive")["EventArchive"]
    assert archive["SourceArn"] == {"Fn::GetAtt": ["EventBus", "Arn"]}
    assert archive["RetentionDays"] == 365


def test_the_api_throttles_and_notes_every_request() -> None:
    stage = of(TOP, "AWS::ApiGatewayV2::Stage")["ApiStage"]
    assert stage["DefaultRouteSettings"] == {
        "DetailedMetricsEnabled": True,
        "ThrottlingRateLimit": {"Ref": "RequestsPerSecond"},
        "ThrottlingBurstLimit": {"Ref": "RequestsPerSecond"},
    }
    assert stage["AccessLogSettings"]["DestinationArn"] == {"Fn::GetAtt": ["ApiLogGroup", "Arn"]}
    noted = json.loads(stage["AccessLogSettings"]["Format"])
    assert noted.keys() >= {"request_id", "route", "status", "milliseconds", "tenant_id", "actor"}
    # The filter that counts refusals by the limit reads the same field.
    (counted,) = of(MONITORING, "AWS::Logs::MetricFilter").values()
    assert counted["FilterPattern"] == '{ $.status = "429" }'
    assert noted["status"] == "$context.status"


def test_every_alarm_tells_somebody() -> None:
    found = dict(every("AWS::CloudWatch::Alarm"))
    assert [name for name, alarm in found.items() if alarm["AlarmActions"] != [{"Ref": "AlarmTopic"}]] == []
    (subscription,) = of(TOP, "AWS::SNS::Subscription").values()
    assert subscription == {"TopicArn": {"Ref": "AlarmTopic"}, "Protocol": "email", "Endpoint": {"Ref": "AlarmEmail"}}


def test_there_is_an_alarm_for_errors_throttles_dead_letters_and_the_outbox() -> None:
    found = dict(every("AWS::CloudWatch::Alarm"))
    by_metric: dict[str, list[str]] = {}
    for name, alarm in found.items():
        metric = alarm["MetricName"]
        by_metric.setdefault(metric if isinstance(metric, str) else metric["Fn::Sub"], []).append(name)
    functions = sum(len(of(template, FUNCTION)) for template in MODULES.values())
    answering = sum(
        len(of(template, kind))
        for template in MODULES.values()
        for kind in ("AWS::ApiGatewayV2::Route", "AWS::Lambda::EventSourceMapping")
    )
    assert len(by_metric.pop("Errors")) == functions
    assert len(by_metric.pop("Outcome5xx")) == answering
    assert by_metric == {
        "ApproximateNumberOfMessagesVisible": [
            f"{module} DeadLetterAlarm" for module, one in MODULES.items() if "DeadLetterQueue" in one["Resources"]
        ],
        "OutboxAge": ["events OutboxAlarm"],
        "5xx": ["monitoring ApiErrors"],
        "${Stack}-throttled-requests": ["monitoring ApiThrottles"],
        "Throttles": ["monitoring FunctionThrottles"],
    }


def test_alarms_and_dashboard_look_where_the_kernel_writes() -> None:
    assert os.environ["POWERTOOLS_METRICS_NAMESPACE"] == alarms.NAMESPACE == "BigLedger"
    for template in MODULES.values():
        variables = template["Globals"]["Function"]["Environment"]["Variables"]
        assert variables["POWERTOOLS_SERVICE_NAME"] == {"Ref": "Stack"}  # the alarms' dimension


def test_the_dashboard_shows_what_the_alarms_watch() -> None:
    (dashboard,) = of(MONITORING, "AWS::CloudWatch::Dashboard").values()
    shown = json.loads(dashboard["DashboardBody"]["Fn::Sub"])["widgets"]
    metrics = json.dumps([widget["properties"]["metrics"] for widget in shown])
    for name in ("5xx", "Outcome5xx", "Errors", "Throttles", "throttled-requests", "OutboxAge", "MessagesVisible"):
        assert name in metrics
    assert all(widget["properties"]["title"] for widget in shown)
    places = [(widget["x"], widget["y"]) for widget in shown]
    assert len(set(places)) == len(places)
