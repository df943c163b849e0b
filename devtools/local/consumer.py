"""Delivers the messages of one queue to one function, as Lambda's event source mapping does it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from devtools.local.cloudformation import ACCOUNT, REGION
from devtools.local.faults import Switch
from devtools.local.templates import Subscription

WAIT = 5  # seconds of one long poll
AGAIN = 1  # seconds until a failed message is delivered again; in AWS it is the queue's visibility timeout
GATHER = 1.0  # seconds in which messages are gathered to be put into another order

Call = Callable[[dict[str, Any]], Any]
Message = Mapping[str, Any]

log = logging.getLogger(__name__)


class Consumer:
    """One queue's poller: a thread that receives, calls, deletes what succeeded and leaves the rest to the queue."""

    def __init__(self, subscription: Subscription, call: Call, sqs: Any, switch: Switch) -> None:
        self._subscription = subscription
        self._call = call
        self._sqs = sqs
        self._switch = switch
        self._url = sqs.get_queue_url(QueueName=subscription.queue)["QueueUrl"]
        self._stopped = threading.Event()
        self._delivering = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=subscription.queue, daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """Deliver nothing more, and wait for the call that is being made."""
        self._stopped.set()
        self._delivering.acquire()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                messages = self._receive(WAIT)
                with self._delivering:
                    if messages and not self._stopped.is_set():
                        self._deliver(messages)
            except Exception:
                log.exception("%s: the queue does not answer", self._subscription.queue)
                self._stopped.wait(1)

    def _receive(self, wait: int) -> list[Message]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(10, self._subscription.batch),
            WaitTimeSeconds=wait,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return list(answer.get("Messages", ()))

    def _deliver(self, messages: list[Message]) -> None:
        faults = self._switch.take(self._subscription.queue, len(messages))
        if faults is None:
            self._settle(messages, self._failed(messages))
            return
        if faults.delay:
            time.sleep(faults.delay)
        if faults.reorder:
            messages = self._gathered(messages)[::-1]
        self._settle(messages[: faults.drop], messages[: faults.drop])
        duplicate, fail = faults.duplicate, faults.fail
        for message in messages[faults.drop :]:
            failed = self._failed([message])
            if duplicate:
                duplicate -= 1
                failed = self._failed([message])
            if fail:
                fail -= 1
                failed = [message]
            self._settle([message], failed)

    def _gathered(self, messages: list[Message]) -> list[Message]:
        deadline = time.monotonic() + GATHER
        while time.monotonic() < deadline:
            messages = messages + self._receive(0)
            time.sleep(0.05)
        return messages

    def _failed(self, messages: Sequence[Message]) -> Sequence[Message]:
        """Call the function with messages; answers those that it did not take."""
        try:
            answer = self._call({"Records": [self._record(message) for message in messages]})
        except Exception:
            log.exception("%s: the function failed", self._subscription.queue)
            return messages
        if not self._subscription.partial or not answer:
            return []
        identifiers = {item.get("itemIdentifier") for item in answer.get("batchItemFailures") or ()}
        if not identifiers <= {message["MessageId"] for message in messages}:
            log.error("%s: the function named messages it was not given: %s", self._subscription.queue, identifiers)
            return messages
        return [message for message in messages if message["MessageId"] in identifiers]

    def _record(self, message: Message) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message["Attributes"],
            "messageAttributes": message.get("MessageAttributes", {}),
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self._subscription.queue}",
            "awsRegion": REGION,
        }

    def _settle(self, messages: Sequence[Message], failed: Sequence[Message]) -> None:
        """Delete what was taken and let the queue deliver the rest again soon."""
        handles = {message["ReceiptHandle"] for message in failed}
        taken = [message["ReceiptHandle"] for message in messages if message["ReceiptHandle"] not in handles]
        for chunk in _chunks(taken):
            self._sqs.delete_message_batch(QueueUrl=self._url, Entries=chunk)
        for chunk in _chunks(sorted(handles)):
            entries = [{**entry, "VisibilityTimeout": AGAIN} for entry in chunk]
            self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)
        for message in failed:
            log.warning("%s: message %s is delivered again", self._subscription.queue, message["MessageId"])


def _chunks(handles: Sequence[str]) -> list[list[dict[str, Any]]]:
    """Entries of batch calls, ten at most in each."""
    entries = [{"Id": str(number), "ReceiptHandle": handle} for number, handle in enumerate(handles)]
    return [entries[start : start + 10] for start in range(0, len(entries), 10)]
