"""Creates in the local AWS services what templates declare: bus, queues, rules, secrets, bucket, user pool."""

from __future__ import annotations

import functools
import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import httpx

from devtools.local.aws import GIVE_BACK, client
from devtools.local.cloudformation import ACCOUNT, REGION, TemplateError
from devtools.local.templates import Template

VISIBILITY = 30  # seconds at most that a message stays hidden when a poller dies with it; AWS keeps the template's
ISSUER = f"https://cognito-idp.{REGION}.amazonaws.com"

_QUEUE_SETTINGS = ("DelaySeconds", "MaximumMessageSize", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds")


class Services:
    """The local AWS services at an address."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.events = client("events", url)
        self.sqs = client("sqs", url)
        self.secrets = client("secretsmanager", url)

    @functools.cached_property
    def s3(self) -> Any:
        """The object store."""
        return client("s3", self.url)

    @functools.cached_property
    def cognito(self) -> Any:
        """The user pools."""
        return client("cognito-idp", self.url)

    def create(self, templates: Sequence[Template]) -> None:
        """Create what the templates declare, first what others refer to.

        Raises TemplateError when a rule has a target that is not a queue.
        """
        order: Mapping[str, Callable[[Template, str], None]] = {
            "AWS::Events::EventBus": self._bus,
            "AWS::SecretsManager::Secret": self._secret,
            "AWS::S3::Bucket": self._bucket,
            "AWS::Cognito::UserPool": self._user_pool,
            "AWS::Cognito::UserPoolClient": self._user_pool_client,
            "AWS::SQS::Queue": self._queue,
            "AWS::SQS::QueuePolicy": self._queue_policy,
            "AWS::Events::Rule": self._rule,
        }
        for kind, create in order.items():
            for template in templates:
                names = list(template.of(kind))
                # A queue that sends its failures to another comes after that other one.
                for name in sorted(names, key=lambda one: template.value(one, "RedrivePolicy") is not None):
                    create(template, name)

    def bus(self, name: str) -> None:
        """Make sure that there is a bus of this name."""
        known = {bus["Name"] for bus in self.events.list_event_buses()["EventBuses"]}
        if name not in known:
            self.events.create_event_bus(Name=name)

    def secret(self, name: str, value: str) -> None:
        """Give a secret its value; make it when it is not there."""
        try:
            self.secrets.put_secret_value(SecretId=name, SecretString=value)
        except self.secrets.exceptions.ResourceNotFoundException:
            self.secrets.create_secret(Name=name, SecretString=value)

    def user_pool(self, name: str) -> tuple[str, str]:
        """A user pool and a client of it for people's tokens; answers the issuer of its tokens and the client's id."""
        pool = self.cognito.create_user_pool(PoolName=name)["UserPool"]["Id"]
        flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        made = self.cognito.create_user_pool_client(UserPoolId=pool, ClientName=name, ExplicitAuthFlows=flows)
        return f"{self.url}/{pool}", str(made["UserPoolClient"]["ClientId"])

    def switch_rules(self, template: Template, bus: str, *, on: bool) -> None:
        """Let a template's rules pass the events of a bus, or not.

        moto keeps a rule's state and delivers all the same, so a rule that is off has no targets either.
        """
        for name in template.of("AWS::Events::Rule"):
            rule, targets = template.values.names[name], template.value(name, "Targets") or []
            if on:
                self.events.enable_rule(Name=rule, EventBusName=bus)
                self._targets(rule, bus, targets)
            else:
                self.events.disable_rule(Name=rule, EventBusName=bus)
                self.events.remove_targets(Rule=rule, EventBusName=bus, Ids=[one["Id"] for one in targets])

    def _targets(self, rule: str, bus: str, targets: list[dict[str, Any]]) -> None:
        queues = [{"Id": one["Id"], "Arn": one["Arn"]} for one in targets]
        self.events.put_targets(Rule=rule, EventBusName=bus, Targets=queues)

    def waiting(self) -> int:
        """How many messages are in the queues or at the functions; those that were given up do not count."""
        count = 0
        for url in self.sqs.list_queues().get("QueueUrls", ()):
            if not url.endswith("-dead"):
                wanted = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
                found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"]
                count += sum(int(found[name]) for name in wanted)
        return count

    def give_back(self, queues: Iterable[str]) -> None:
        """Let queues deliver again at once what a process that is dead had taken or was waiting for.

        Raises httpx.HTTPError when the services do not answer.
        """
        httpx.post(f"{self.url}{GIVE_BACK}", params={"queue": list(queues)}, trust_env=False).raise_for_status()

    def hearers(self, bus: str, event_type: str) -> list[str]:
        """The queues that events of a type are sent to."""
        found = []
        for rule in self.events.list_rules(EventBusName=bus)["Rules"]:
            types = json.loads(rule.get("EventPattern", "{}")).get("detail-type", [])
            if rule["State"] == "ENABLED" and event_type in types:
                targets = self.events.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus)["Targets"]
                found += [str(target["Arn"]).rsplit(":", 1)[1] for target in targets]
        return sorted(found)

    def _bus(self, template: Template, name: str) -> None:
        self.bus(template.values.names[name])

    def _secret(self, template: Template, name: str) -> None:
        given = template.value(name, "SecretString")
        self.secret(template.values.names[name], str(given) if given else secrets.token_urlsafe(32))

    def _bucket(self, template: Template, name: str) -> None:
        self.s3.create_bucket(
            Bucket=template.values.names[name].lower(), CreateBucketConfiguration={"LocationConstraint": REGION}
        )

    def _user_pool(self, template: Template, name: str) -> None:
        wanted = ("Policies", "Schema", "UsernameAttributes", "AutoVerifiedAttributes", "UsernameConfiguration")
        given = {key: template.value(name, key) for key in wanted}
        title = template.value(name, "UserPoolName") or f"{template.values.names['AWS::StackName']}-{name}"
        settings = {key: value for key, value in given.items() if value is not None}
        pool = self.cognito.create_user_pool(PoolName=title, **settings)["UserPool"]["Id"]
        template.values.names[name] = pool
        template.values.attributes[name, "UserPoolId"] = pool
        template.values.attributes[name, "ProviderURL"] = f"{ISSUER}/{pool}"
        template.values.attributes[name, "ProviderName"] = f"{ISSUER.removeprefix('https://')}/{pool}"
        template.values.attributes[name, "Arn"] = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{pool}"

    def _user_pool_client(self, template: Template, name: str) -> None:
        wanted = ("ExplicitAuthFlows", "GenerateSecret", "AccessTokenValidity", "IdTokenValidity", "TokenValidityUnits")
        given = {key: template.value(name, key) for key in wanted}
        made = self.cognito.create_user_pool_client(
            UserPoolId=template.value(name, "UserPoolId"),
            ClientName=template.value(name, "ClientName") or name,
            **{key: value for key, value in given.items() if value is not None},
        )
        template.values.names[name] = template.values.attributes[name, "ClientId"] = made["UserPoolClient"]["ClientId"]

    def _queue(self, template: Template, name: str) -> None:
        settings = {key: template.value(name, key) for key in _QUEUE_SETTINGS}
        attributes = {key: str(value) for key, value in settings.items() if value is not None}
        declared = template.value(name, "VisibilityTimeout")
        attributes["VisibilityTimeout"] = str(VISIBILITY if declared is None else min(VISIBILITY, int(declared)))
        redrive = template.value(name, "RedrivePolicy")
        if redrive is not None:
            attributes["RedrivePolicy"] = json.dumps(redrive)
        physical = template.values.attributes[name, "QueueName"]
        url = self.sqs.create_queue(QueueName=physical, Attributes=attributes)["QueueUrl"]
        # Ref of a queue is its address; the name stays what it is called by.
        template.values.attributes[name, "QueueUrl"] = url
        template.values.names[name] = url

    def _queue_policy(self, template: Template, name: str) -> None:
        policy = json.dumps(template.value(name, "PolicyDocument"))
        for url in template.value(name, "Queues"):
            self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})

    def _rule(self, template: Template, name: str) -> None:
        pattern = template.value(name, "EventPattern")
        if pattern is None:
            return  # a schedule: the clock is ours
        rule, bus = template.values.names[name], str(template.value(name, "EventBusName") or "default")
        targets = template.value(name, "Targets") or []
        for target in targets:
            if not str(target["Arn"]).startswith("arn:aws:sqs:"):
                raise TemplateError(f"{template.path}: {name} has a target that is no queue; put a queue between.")
        self.events.put_rule(
            Name=rule,
            EventBusName=bus,
            EventPattern=json.dumps(pattern),
            State=template.value(name, "State") or "ENABLED",
        )
        self._targets(rule, bus, targets)
