"""Delivers a tenant's events to the subscribers of functions/, as the relay, the bus and the poller do together."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from bigledger.kernel import Subscriber
from bigledger.kernel.database import transaction
from bigledger.kernel.events import DATA_LIMIT, envelope
from bigledger.kernel.serialization import json_text
from bigledger.kernel.subscriber import DELIVERIES
from tests.support.api import FUNCTIONS, Api, find

BATCH = 10
"""The most messages one call gets, as the generated templates have it."""

_WAITING = """
    SELECT e.*, o.destination, e.data::text AS body
    FROM kernel.outbox o JOIN kernel.event e ON e.tenant_id = o.tenant_id AND e.id = o.event_id
    WHERE o.tenant_id = cast(:tenant AS uuid) ORDER BY o.event_id FOR UPDATE OF o
"""

_TAKEN = """
    DELETE FROM kernel.outbox WHERE tenant_id = cast(:tenant AS uuid)
    AND event_id IN (SELECT value::uuid FROM jsonb_array_elements_text(cast(:events AS jsonb)))
"""


def deliver(api: Api, *, times: int = 1, reverse: bool = False) -> list[str]:
    """Deliver what waits in the tenant's outbox, and what the subscribers tell in their turn; answers the types.

    ``times`` delivers every batch so often, and ``reverse`` the newest event first: a queue may do both. A message
    that a subscriber does not take comes again until it is put aside, as the queue would bring it again.
    """
    delivered: list[str] = []
    while rows := _take(api):
        rows = rows[::-1] if reverse else rows
        for subscriber in subscribers():
            messages = [_message(row) for row in rows if _is_for(subscriber, row)]
            for start in range(0, len(messages), BATCH):
                for _ in range(times):
                    hand_over(subscriber, messages[start : start + BATCH])
        delivered += [row.type for row in rows]
    return delivered


def hand_over(subscriber: Subscriber, messages: Sequence[dict[str, Any]]) -> int:
    """Call a subscriber with an SQS batch until it has taken every message; answers how many calls that took."""
    waiting = list(messages)
    for count in range(1, DELIVERIES + 1):
        batch = [{**message, "attributes": {"ApproximateReceiveCount": str(count)}} for message in waiting]
        answer = subscriber({"Records": batch}, None)
        refused = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        waiting = [message for message in waiting if message["messageId"] in refused]
        if not waiting:
            return count
    raise AssertionError(f"{subscriber.consumer} neither took {len(waiting)} messages nor put them aside")


@cache
def subscribers() -> list[Subscriber]:
    """Every subscriber of functions/, by its naming law: on_<event>.py."""
    found = [find(f"{path.parent.name}.{path.stem}") for path in sorted(FUNCTIONS.glob("*/on_*.py"))]
    assert all(isinstance(subscriber, Subscriber) for subscriber in found)
    return found


def message(event: dict[str, Any]) -> dict[str, Any]:
    """The SQS message of an event's envelope, as EventBridge shapes it."""
    body = {
        "version": "0",
        "id": event["id"],
        "detail-type": event["type"],
        "source": event["source"],
        "account": "000000000000",
        "time": event["time"],
        "region": "eu-west-1",
        "resources": [],
        "detail": event,
    }
    return {
        "messageId": f"message-{event['id']}",
        "receiptHandle": event["id"],
        "body": json.dumps(body),
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "awsRegion": "eu-west-1",
    }


def _take(api: Api) -> list[Any]:
    """Take everything out of the tenant's outbox, oldest first."""
    with transaction("dispatcher") as opened:
        rows = list(opened.rows(_WAITING, tenant=str(api.tenant_id)))
        if rows:
            opened.rows(_TAKEN, tenant=str(api.tenant_id), events=json_text([row.id for row in rows]))
    return rows


def _is_for(subscriber: Subscriber, row: Any) -> bool:
    return row.type == subscriber.event.type and row.destination in (None, subscriber.consumer)


def _message(row: Any) -> dict[str, Any]:
    data = json.loads(row.body) if len(row.body.encode()) <= DATA_LIMIT else None
    return message(envelope(row, data))
