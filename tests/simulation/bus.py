"""A stand-in for the event bus and the queues behind it: at least once, in any order, and sometimes not at first."""

import json
from collections import defaultdict
from dataclasses import dataclass
from random import Random
from typing import Any

from botocore.exceptions import EndpointConnectionError

from tests.simulation.processes import process
from tests.support.events import message, subscribers


@dataclass(eq=False)
class Message:
    """An event in the queue of a subscriber."""

    consumer: str
    event: dict[str, Any]
    receives: int = 0
    hidden: bool = False
    """Whether it is being delivered now."""

    @property
    def key(self) -> tuple[str, str]:
        """What takes effect once."""
        return self.consumer, str(self.event["id"])

    def record(self) -> dict[str, Any]:
        """As SQS hands it over."""
        return {**message(self.event), "attributes": {"ApproximateReceiveCount": str(self.receives)}}


class Bus:
    """Takes the entries of PutEvents into the queues of the subscribers to their types."""

    def __init__(self, random: Random | None = None) -> None:
        self.random = random
        """What draws its faults; none without."""
        self.offered: list[dict[str, Any]] = []
        self.accepted: dict[str, dict[str, Any]] = {}
        self.queues: dict[str, list[Message]] = {subscriber.consumer: [] for subscriber in subscribers()}
        self._consumers: dict[str, list[str]] = defaultdict(list)
        for subscriber in subscribers():
            self._consumers[subscriber.event.type].append(subscriber.consumer)

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - as boto3 names it
        """Take them, refuse some of them, or break off before or after."""
        running = process()
        assert running is not None
        running.step("publish")
        fate = self._draw()
        if fate < 0.08:
            raise EndpointConnectionError(endpoint_url="the bus")
        outcomes = [self._take(entry) for entry in Entries]
        if fate > 0.92:
            raise EndpointConnectionError(endpoint_url="the bus")
        running.step("published")
        return {"Entries": outcomes, "FailedEntryCount": sum("ErrorCode" in outcome for outcome in outcomes)}

    def _take(self, entry: dict[str, Any]) -> dict[str, str]:
        event = json.loads(entry["Detail"])
        assert (entry["DetailType"], entry["Source"]) == (event["type"], event["source"])
        self.offered.append(event)
        if self._draw() < 0.1:
            return {"ErrorCode": "InternalFailure", "ErrorMessage": "try again"}
        assert self.accepted.setdefault(event["id"], event) == event, "an event was published again with other data"
        for consumer in self._consumers[event["type"]]:
            queue = self.queues[consumer]
            queue.append(Message(consumer, event))
            if self._draw() < 0.1:
                queue.append(Message(consumer, event))
        return {"EventId": str(event["id"])}

    def _draw(self) -> float:
        return self.random.random() if self.random is not None else 0.5
