"""The local AWS services do what moto alone does not: no message is lost in a crowd, tokens name an issuer here."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import jwt
import pytest

from devtools.local import aws
from devtools.local.children import Child
from devtools.local.network import free_port
from devtools.local.provision import Services
from devtools.local.state import Folder
from devtools.local.templates import Template


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = Folder(tmp_path_factory.mktemp("aws"))
    folder.make()
    port = free_port()
    child = Child("aws", ["-m", "devtools.local.aws_server", "--port", str(port)], aws.SERVER, folder, port=port)
    child.start()
    try:
        child.wait_until_ready()
        yield Services(f"http://127.0.0.1:{port}")
    finally:
        child.stop(5)


def test_no_message_is_lost_when_many_send_receive_and_delete_at_once(services: Services) -> None:
    url = services.sqs.create_queue(QueueName="crowd", Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
    wanted = {f"{sender}-{number}" for sender in range(4) for number in range(25)}
    received: list[str] = []
    counting = threading.Lock()

    def send(sender: int) -> None:
        for number in range(25):
            services.sqs.send_message(QueueUrl=url, MessageBody=f"{sender}-{number}")

    def receive() -> None:
        while True:
            answer = services.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=3, WaitTimeSeconds=1)
            if "Messages" not in answer:
                return
            for message in answer["Messages"]:
                services.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                with counting:
                    received.append(message["Body"])

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(4)]
    threads += [threading.Thread(target=receive) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(received), set(received)) == (100, wanted)


def test_a_long_poll_ends_when_a_message_arrives(services: Services) -> None:
    url = services.sqs.create_queue(QueueName="patient")["QueueUrl"]
    found: list[str] = []

    def receive() -> None:
        answer = services.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)
        found.extend(message["Body"] for message in answer["Messages"])

    waiting = threading.Thread(target=receive)
    waiting.start()
    services.sqs.send_message(QueueUrl=url, MessageBody="here")
    waiting.join(10)
    assert not waiting.is_alive()
    assert found == ["here"]


def test_what_a_dead_process_had_taken_is_delivered_again_at_once(services: Services) -> None:
    url = services.sqs.create_queue(QueueName="taken", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    services.sqs.send_message(QueueUrl=url, MessageBody="one")
    services.sqs.receive_message(QueueUrl=url)
    assert "Messages" not in services.sqs.receive_message(QueueUrl=url)
    services.give_back(["taken", "no such queue"])
    (message,) = services.sqs.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "one"


def test_a_long_poll_of_a_dead_process_takes_nothing_more(services: Services) -> None:
    url = services.sqs.create_queue(QueueName="left", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    answers: list[dict[str, object]] = []

    def receive() -> None:
        answers.append(services.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20))

    waiting = threading.Thread(target=receive)
    waiting.start()
    while waiting.is_alive():  # it may have to be told again: nobody sees when the poll has begun
        services.give_back(["left"])
        waiting.join(0.1)
    services.sqs.send_message(QueueUrl=url, MessageBody="one")
    (message,) = services.sqs.receive_message(QueueUrl=url)["Messages"]
    assert (message["Body"], ["Messages" in answer for answer in answers]) == ("one", [False])


def test_a_message_that_was_received_too_often_goes_to_the_dead_letter_queue(services: Services) -> None:
    services.sqs.create_queue(QueueName="bin-dead")
    redrive = {"deadLetterTargetArn": "arn:aws:sqs:eu-central-1:123456789012:bin-dead", "maxReceiveCount": 2}
    attributes = {"VisibilityTimeout": "0", "RedrivePolicy": json.dumps(redrive)}
    url = services.sqs.create_queue(QueueName="bin", Attributes=attributes)["QueueUrl"]
    services.sqs.send_message(QueueUrl=url, MessageBody="bad")
    counts = []
    for _ in range(3):
        answer = services.sqs.receive_message(QueueUrl=url, MessageSystemAttributeNames=["All"])
        counts += [message["Attributes"]["ApproximateReceiveCount"] for message in answer.get("Messages", ())]
    assert counts == ["1", "2"]
    dead = services.sqs.get_queue_url(QueueName="bin-dead")["QueueUrl"]
    (message,) = services.sqs.receive_message(QueueUrl=dead)["Messages"]
    assert message["Body"] == "bad"


def test_events_pass_rules_by_their_patterns_and_arrive_as_they_were(services: Services) -> None:
    services.bus("bus")
    services.bus("bus")
    url = services.sqs.create_queue(QueueName="large")["QueueUrl"]
    pattern = {"detail-type": ["invoice.created"], "detail": {"data": {"total": [{"numeric": [">", 100]}]}}}
    services.events.put_rule(Name="large", EventBusName="bus", EventPattern=json.dumps(pattern))
    arn = "arn:aws:sqs:eu-central-1:123456789012:large"
    services.events.put_targets(Rule="large", EventBusName="bus", Targets=[{"Id": "queue", "Arn": arn}])
    for total, name in ((50, "small"), (500, "<time> <id>")):
        detail = json.dumps({"data": {"total": total, "name": name}})
        entry = {"Source": "bigledger.receivables", "DetailType": "invoice.created", "Detail": detail}
        answer = services.events.put_events(Entries=[{**entry, "EventBusName": "bus"}])
        assert answer["FailedEntryCount"] == 0
    (message,) = services.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    event = json.loads(message["Body"])
    assert event.pop("id")
    assert event.pop("time").endswith("Z")
    assert event == {
        "version": "0",
        "detail-type": "invoice.created",
        "source": "bigledger.receivables",
        "account": "123456789012",
        "region": "eu-central-1",
        "resources": [],
        "detail": {"data": {"total": 500, "name": "<time> <id>"}},
    }
    assert services.hearers("bus", "invoice.created") == ["large"]
    assert services.hearers("bus", "invoice.voided") == []


def test_a_user_pools_token_can_be_checked_with_the_keys_of_its_issuer(services: Services, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text("""
        Resources:
          UserPool:
            Type: AWS::Cognito::UserPool
            Properties:
              UserPoolName: people
              Schema: [{Name: tenant_id, AttributeDataType: String, Mutable: true}]
          Client:
            Type: AWS::Cognito::UserPoolClient
            Properties:
              UserPoolId: !Ref UserPool
              ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH]
    """)
    template = Template.read(tmp_path / "template.yaml", "people", {})
    services.create([template])
    pool, client = template.values.names["UserPool"], template.values.names["Client"]
    attributes = [{"Name": "custom:tenant_id", "Value": "t1"}]
    services.cognito.admin_create_user(UserPoolId=pool, Username="anna", UserAttributes=attributes)
    services.cognito.admin_set_user_password(UserPoolId=pool, Username="anna", Password="Secret-1!", Permanent=True)
    token = services.cognito.initiate_auth(
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "anna", "PASSWORD": "Secret-1!"},
    )["AuthenticationResult"]["IdToken"]
    issuer = f"{services.url}/{pool}"
    keys = jwt.PyJWKSet.from_dict(httpx.get(f"{issuer}/.well-known/jwks.json", trust_env=False).json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["RS256"], issuer=issuer, audience=client)
    assert claims["custom:tenant_id"] == "t1"


def test_templates_may_be_created_twice(services: Services, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text("""
        Resources:
          Dead: {Type: AWS::SQS::Queue, Properties: {QueueName: twice-dead}}
          Queue:
            Type: AWS::SQS::Queue
            Properties:
              QueueName: twice
              VisibilityTimeout: 360
              MessageRetentionPeriod: 1209600
              RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 8}
          Policy:
            Type: AWS::SQS::QueuePolicy
            Properties: {Queues: [!Ref Queue], PolicyDocument: {Version: "2012-10-17", Statement: []}}
          Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: twice/secret, SecretString: s}}
    """)
    template = Template.read(tmp_path / "template.yaml", "twice", {})
    for _ in range(2):
        services.create([template])
    url = services.sqs.get_queue_url(QueueName="twice")["QueueUrl"]
    found = services.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (found["VisibilityTimeout"], found["MessageRetentionPeriod"]) == ("30", "1209600")
    assert json.loads(found["RedrivePolicy"]) == {
        "deadLetterTargetArn": "arn:aws:sqs:eu-central-1:123456789012:twice-dead",
        "maxReceiveCount": 8,
    }
    assert services.secrets.get_secret_value(SecretId="twice/secret")["SecretString"] == "s"
