"""The fault switch counts what it takes, and a consumer does to deliveries what the switch says."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from devtools.local import consumer as consumers
from devtools.local.consumer import Consumer
from devtools.local.faults import Faults, Switch
from devtools.local.templates import Subscription


@pytest.fixture
def switch(tmp_path: Path) -> Switch:
    return Switch(tmp_path / "faults.json")


def test_without_a_switch_nothing_is_disturbed(switch: Switch) -> None:
    assert switch.take("queue", 10) is None
    assert switch.remaining == Faults()


def test_counted_faults_are_used_up(switch: Switch) -> None:
    switch.set(Faults(drop=3, fail=1, delay=0.5))
    assert switch.take("queue", 2) == Faults(drop=2, fail=1, delay=0.5)
    assert switch.remaining == Faults(drop=1, delay=0.5)
    assert switch.take("queue", 2) == Faults(drop=1, delay=0.5)
    assert switch.take("queue", 2) == Faults(delay=0.5)
    switch.clear()
    assert switch.take("queue", 2) is None


def test_another_queue_is_left_alone(switch: Switch) -> None:
    switch.set(Faults(drop=1, queue="this"))
    assert switch.take("that", 1) is None
    assert switch.take("this", 1) == Faults(drop=1, queue="this")


class Queue:
    """A queue that hands out what it has, and remembers what was deleted and what was given back."""

    def __init__(self, *bodies: str) -> None:
        self.waiting = list(bodies)
        self.deleted: list[str] = []
        self.given_back: list[str] = []

    def get_queue_url(self, QueueName: str) -> dict[str, str]:  # noqa: N803 - as boto3 names it
        return {"QueueUrl": QueueName}

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        count = asked["MaxNumberOfMessages"]
        taken, self.waiting = self.waiting[:count], self.waiting[count:]
        attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": "1"}
        return {
            "Messages": [
                {
                    "MessageId": f"id-{body}",
                    "ReceiptHandle": body,
                    "Body": body,
                    "MD5OfBody": "m",
                    "Attributes": attributes,
                }
                for body in taken
            ]
        }

    def delete_message_batch(self, QueueUrl: str, Entries: Sequence[Any]) -> None:  # noqa: N803
        assert len(Entries) <= 10
        self.deleted += [entry["ReceiptHandle"] for entry in Entries]

    def change_message_visibility_batch(self, QueueUrl: str, Entries: Sequence[Any]) -> None:  # noqa: N803
        assert all(entry["VisibilityTimeout"] == 1 for entry in Entries)
        self.given_back += [entry["ReceiptHandle"] for entry in Entries]


class Function:
    """A function that remembers its calls and reports messages as failed."""

    def __init__(self, *failing: str) -> None:
        self.calls: list[list[str]] = []
        self.events: list[Any] = []
        self._failing = failing

    def __call__(self, event: dict[str, Any]) -> Any:
        self.events.append(event)
        bodies = [record["body"] for record in event["Records"]]
        self.calls.append(bodies)
        if "crash" in bodies:
            raise RuntimeError("crash")
        return {"batchItemFailures": [{"itemIdentifier": f"id-{body}"} for body in bodies if body in self._failing]}


def deliver(queue: Queue, function: Function, switch: Switch, *, partial: bool = True) -> None:
    """One round of a consumer."""
    consumer = Consumer(Subscription("queue", "function", 10, partial), function, queue, switch)
    consumer._deliver(consumer._receive(0))


def test_a_batch_is_an_sqs_event(switch: Switch) -> None:
    queue, function = Queue("a"), Function()
    deliver(queue, function, switch)
    assert function.events == [
        {
            "Records": [
                {
                    "messageId": "id-a",
                    "receiptHandle": "a",
                    "body": "a",
                    "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1"},
                    "messageAttributes": {},
                    "md5OfBody": "m",
                    "eventSource": "aws:sqs",
                    "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:queue",
                    "awsRegion": "eu-central-1",
                }
            ]
        }
    ]


def test_only_what_succeeded_is_deleted(switch: Switch) -> None:
    queue, function = Queue("a", "b", "c"), Function("b")
    deliver(queue, function, switch)
    assert (function.calls, queue.deleted, queue.given_back) == ([["a", "b", "c"]], ["a", "c"], ["b"])


def test_when_the_function_crashes_the_whole_batch_is_given_back(switch: Switch) -> None:
    queue, function = Queue("a", "crash"), Function()
    deliver(queue, function, switch)
    assert (queue.deleted, queue.given_back) == ([], ["a", "crash"])


def test_failures_of_unknown_messages_give_the_whole_batch_back(switch: Switch) -> None:
    queue = Queue("a", "b")
    consumer = Consumer(
        Subscription("queue", "function", 10, True),
        lambda event: {"batchItemFailures": [{"itemIdentifier": "id-x"}]},
        queue,
        switch,
    )
    consumer._deliver(consumer._receive(0))
    assert (queue.deleted, queue.given_back) == ([], ["a", "b"])


def test_without_partial_answers_a_call_succeeds_as_a_whole(switch: Switch) -> None:
    queue, function = Queue("a", "b"), Function("b")
    deliver(queue, function, switch, partial=False)
    assert (queue.deleted, queue.given_back) == (["a", "b"], [])


def test_a_dropped_delivery_never_reaches_the_function_and_comes_again(switch: Switch) -> None:
    switch.set(Faults(drop=2))
    queue, function = Queue("a", "b", "c"), Function()
    deliver(queue, function, switch)
    assert (function.calls, queue.deleted, queue.given_back) == ([["c"]], ["c"], ["a", "b"])


def test_a_failed_delivery_takes_effect_and_comes_again(switch: Switch) -> None:
    switch.set(Faults(fail=1))
    queue, function = Queue("a", "b"), Function()
    deliver(queue, function, switch)
    assert (function.calls, queue.deleted, queue.given_back) == ([["a"], ["b"]], ["b"], ["a"])


def test_a_duplicated_delivery_reaches_the_function_twice(switch: Switch) -> None:
    switch.set(Faults(duplicate=1))
    queue, function = Queue("a", "b"), Function()
    deliver(queue, function, switch)
    assert (function.calls, queue.deleted, queue.given_back) == ([["a"], ["a"], ["b"]], ["a", "b"], [])


def test_reordered_deliveries_come_newest_first(switch: Switch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "GATHER", 0.2)
    switch.set(Faults(reorder=True))
    queue, function = Queue(*"abcdefghijkl"), Function()
    deliver(queue, function, switch)
    assert function.calls == [[body] for body in "lkjihgfedcba"]
    assert sorted(queue.deleted) == list("abcdefghijkl")


def test_a_delayed_delivery_waits(switch: Switch, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(consumers.time, "sleep", waited.append)
    switch.set(Faults(delay=0.7))
    queue, function = Queue("a"), Function()
    deliver(queue, function, switch)
    assert (waited, function.calls, queue.deleted) == ([0.7], [["a"]], ["a"])
