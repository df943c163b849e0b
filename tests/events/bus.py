"""An event bus with queues behind it, and subscribers that take from them."""

import json
from collections.abc import Iterable
from typing import Any

import boto3

from bigledger.kernel import Context, Document, Event, Subscriber, documents, event, subscriber
from bigledger.records import RESOURCES
from tests.support.api import Api

CUSTOMER_CREATED = RESOURCES["customers"].created


@event("customer.greeted")
class CustomerGreeted(Event):
    """A subscriber greeted a customer."""

    code: str


@subscriber(CUSTOMER_CREATED, emits=[CustomerGreeted])
def on_customer_created(created: CUSTOMER_CREATED, context: Context) -> None:
    """Greet a new customer; whose name is Nobody cannot be greeted."""
    greeting = documents.create(context, Document(context.new_id(), "greeting", "sent", {"code": created.code}))
    context.emit(CustomerGreeted(code=created.code), greeting)
    if created.data["name"] == "Nobody":
        raise LookupError("nobody to greet")


class Bus:
    """The bus, with a queue for the events of a type."""

    def __init__(self) -> None:
        self.events = boto3.client("events")
        self.sqs = boto3.client("sqs")
        self.events.create_event_bus(Name="bigledger")

    def queue(self, name: str, type: str | None = None) -> str:
        """Make a queue; what the bus gets of a type goes there. Answers its URL."""
        url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        if type is not None:
            arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            pattern = json.dumps({"detail-type": [type]})
            self.events.put_rule(Name=name, EventBusName="bigledger", EventPattern=pattern)
            self.events.put_targets(Rule=name, EventBusName="bigledger", Targets=[{"Id": "queue", "Arn": arn}])
        return str(url)

    def take(self, url: str) -> list[Any]:
        """The bodies of all messages in a queue, which is empty then."""
        found: list[Any] = []
        while messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found


def deliver(to: Subscriber, bodies: Iterable[Any], receive_count: int = 1) -> list[str]:
    """Hand messages to a subscriber as Lambda does; answers the ids of those to be delivered again: m0, m1, …"""
    records = [
        {
            "messageId": f"m{place}",
            "body": body if isinstance(body, str) else json.dumps(body),
            "attributes": {"ApproximateReceiveCount": str(receive_count)},
        }
        for place, body in enumerate(bodies)
    ]
    return [failed["itemIdentifier"] for failed in to({"Records": records}, None)["batchItemFailures"]]


def body_of(envelope: Any) -> Any:
    """An event as a queue behind the bus holds it."""
    return {"id": envelope["id"], "detail-type": envelope["type"], "source": envelope["source"], "detail": envelope}


def customer(api: Api, code: str, name: str = "Somebody", **fields: Any) -> Any:
    """Create a customer; answers the envelope of its event."""
    made = api.record("customers", code=code, name=name, jurisdiction="US", **fields)
    return api.events("customer.created")[-1] | {"customer": made["id"]}


def greetings(api: Api) -> list[str]:
    """The codes of the customers that were greeted, each as often as it was."""
    return sorted(
        row.code for row in api.rows("SELECT data->>'code' AS code FROM kernel.document WHERE type = 'greeting'")
    )


def waiting(api: Api) -> list[tuple[str, str | None]]:
    """Type and destination of the tenant's events in the outbox, oldest first."""
    rows = api.rows(
        "SELECT e.type, o.destination FROM kernel.outbox o JOIN kernel.event e ON e.id = o.event_id ORDER BY e.id"
    )
    return [(row.type, row.destination) for row in rows]
