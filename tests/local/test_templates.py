"""The local cloud reads SAM templates as CloudFormation would: what is served is what would be deployed."""

from pathlib import Path

import pytest

from devtools.local.cloudformation import TemplateError, Values, load, references
from devtools.local.templates import Deployment, Function, Route, Subscription, Template, Timer, deployment_of

ARN = "arn:aws:sqs:eu-central-1:123456789012:"

MODULE = """
AWSTemplateFormatVersion: 2010-09-09
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stack: {Type: String, Default: bigledger}
  EventBus: {Type: String}
  AlarmTopic: {Type: String, Default: ""}
Conditions:
  HasAlarmTopic: !Not [!Equals [!Ref AlarmTopic, ""]]
Globals:
  Function:
    CodeUri: .
    Timeout: 29
    Environment:
      Variables:
        STACK: !Ref Stack
        RELAY: !Sub lambda:${Stack}-events-relay_events
        DATABASE_URL: !Sub postgresql://${Unknown.Arn}
Resources:
  CreateThing:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub ${Stack}-things-create_thing
      Handler: create_thing.create_thing
      MemorySize: 512
  CreateThingIntegration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      IntegrationUri: !Sub arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/${CreateThing.Alias}/invocations
  CreateThingRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      RouteKey: POST /things
      AuthorizationType: CUSTOM
      Target: !Sub integrations/${CreateThingIntegration}
  OnThing:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub ${Stack}-things-on_thing
      Handler: on_thing.on_thing
      Timeout: 60
      Environment: {Variables: {STACK: other}}
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: !Sub "${Stack}-things-on_thing"}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Queue.Arn
      FunctionName: !Ref OnThing.Alias
      BatchSize: 5
      FunctionResponseTypes: [ReportBatchItemFailures]
  Hourly:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 hour)
      Targets: [{Id: function, Arn: !Ref OnThing.Alias}]
  Alarm:
    Type: AWS::SQS::Queue
    Condition: HasAlarmTopic
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "template.yaml"
    path.write_text(MODULE)
    return path


def read(path: Path, **parameters: str) -> Template:
    return Template.read(path, "bigledger-things", {"Stack": "bigledger", "EventBus": "bus", **parameters})


def test_a_template_deploys_functions_routes_subscriptions_and_timers(module: Path) -> None:
    deployment = deployment_of([read(module)])
    shared = {
        "STACK": "bigledger",
        "RELAY": "lambda:bigledger-events-relay_events",
        "DATABASE_URL": "postgresql://local-Unknown-Arn",
    }
    folder = str(module.parent)
    create, on = "bigledger-things-create_thing", "bigledger-things-on_thing"
    assert deployment == Deployment(
        functions={
            create: Function(create, folder, "create_thing.create_thing", 512, 29, shared),
            on: Function(on, folder, "on_thing.on_thing", 128, 60, {**shared, "STACK": "other"}),
        },
        routes=[Route("POST /things", create, True)],
        subscriptions=[Subscription(on, on, 5, True)],
        timers=[Timer("rate(1 hour)", on)],
    )


def test_a_deployment_survives_its_file(module: Path, tmp_path: Path) -> None:
    deployment = deployment_of([read(module)])
    deployment.write(tmp_path / "deployment.json")
    assert Deployment.read(tmp_path / "deployment.json") == deployment


def test_a_resource_whose_condition_does_not_hold_is_not_there(module: Path) -> None:
    assert list(read(module).of("AWS::SQS::Queue")) == ["Queue"]
    assert list(read(module, AlarmTopic="arn:topic").of("AWS::SQS::Queue")) == ["Queue", "Alarm"]


def test_resources_without_a_name_are_named_after_their_stack(module: Path) -> None:
    template = read(module)
    assert template.values.names["Hourly"] == "bigledger-things-Hourly"
    assert template.values.resolve({"Fn::GetAtt": ["Queue", "Arn"]}) == f"{ARN}bigledger-things-on_thing"


def test_two_templates_cannot_deploy_the_same_function(module: Path) -> None:
    with pytest.raises(TemplateError, match="deploys bigledger-things-create_thing, which another template deploys"):
        deployment_of([read(module), read(module)])


def test_sams_short_form_of_a_queue_works_and_other_events_are_refused(tmp_path: Path) -> None:
    text = """
        Resources:
          Hear:
            Type: AWS::Serverless::Function
            Properties:
              Handler: app.handler
              Events: {Queue: {Type: %s, Properties: {Queue: !GetAtt Queue.Arn}}}
          Queue: {Type: AWS::SQS::Queue}
    """
    path = tmp_path / "template.yaml"
    path.write_text(text % "SQS")
    assert deployment_of([read(path)]).subscriptions == [
        Subscription("bigledger-things-Queue", "bigledger-things-Hear", 10, False)
    ]
    path.write_text(text % "EventBridgeRule")
    with pytest.raises(TemplateError, match="Hear has an event of type EventBridgeRule; use a queue"):
        deployment_of([read(path)])


def test_a_route_that_calls_nothing_is_told(module: Path) -> None:
    module.write_text(MODULE.replace("${CreateThing.Alias}", "${AWS::AccountId}"))
    with pytest.raises(TemplateError, match="CreateThingRoute calls no function of this template"):
        deployment_of([read(module)])


def test_what_is_no_template_is_told(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text("a: [")
    with pytest.raises(TemplateError, match="is not valid YAML"):
        load(path)
    path.write_text("Parameters: {}")
    with pytest.raises(TemplateError, match="has no Resources"):
        load(path)


def test_intrinsic_functions_are_worked_out() -> None:
    template = {
        "Parameters": {"Given": {}, "Default": {"Default": "d"}},
        "Conditions": {
            "Same": {"Fn::Equals": [{"Ref": "Given"}, "g"]},
            "Other": {"Fn::Not": [{"Condition": "Same"}]},
            "Both": {"Fn::And": [{"Condition": "Same"}, {"Condition": "Other"}]},
            "Either": {"Fn::Or": [{"Condition": "Same"}, {"Condition": "Other"}]},
        },
    }
    values = Values(template, "stack", {"Given": "g", "Foreign": "f"})
    values.attributes["Thing", "Arn"] = "arn"
    assert values.resolve(
        {
            "ref": [{"Ref": "Given"}, {"Ref": "Default"}, {"Ref": "Foreign"}, {"Ref": "AWS::StackName"}],
            "sub": {"Fn::Sub": "${Given}-${Thing.Arn}-${!Kept}"},
            "named": {"Fn::Sub": ["${Given}${x}", {"x": {"Ref": "Default"}}]},
            "join": {"Fn::Join": ["/", ["a", {"Ref": "Given"}]]},
            "select": {"Fn::Select": [1, {"Fn::Split": [",", "a,b"]}]},
            "if": {"Fn::If": ["Same", "yes", "no"]},
            "left out": {"Fn::If": ["Other", "yes", {"Ref": "AWS::NoValue"}]},
        }
    ) == {
        "ref": ["g", "d", "local-Foreign", "stack"],
        "sub": "g-arn-${Kept}",
        "named": "gd",
        "join": "a/g",
        "select": "b",
        "if": "yes",
    }
    assert [values.holds(name) for name in ("Same", "Other", "Both", "Either")] == [True, False, False, True]
    with pytest.raises(TemplateError, match="does not know Fn::Cidr"):
        values.resolve({"Fn::Cidr": []})


def test_the_references_of_an_expression_are_found() -> None:
    expression = {
        "a": {"Ref": "One.Alias"},
        "b": [{"Fn::GetAtt": ["Two", "Arn"]}, {"Fn::Sub": "x${Three.Arn}${!Not}"}],
        "c": {"Fn::Sub": ["${local}${Four}", {"local": {"Ref": "Five"}}]},
    }
    assert sorted(references(expression)) == ["Five", "Four", "One", "Three", "Two"]
