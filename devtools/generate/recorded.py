"""The examples that tests have recorded: requests with their answers, refusals, and events as they were published.

``docs/examples/<module>.<operation>.json`` holds a request and its answer,
``docs/examples/<module>.<operation>.<problem>.json`` a request and its refusal, and
``events/<type>.v<version>.json`` an event as a subscriber's function receives it.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bigledger.kernel import Event
from devtools.local.cloudformation import ACCOUNT, REGION

EXAMPLES = "docs/examples"
EVENTS = "events"
OWNERS = f"{EXAMPLES}/events.json"
"""Which test each example of an event was taken from, so that it stays the same one."""

Files = Mapping[str, str]
"""Texts by their path below the project's folder."""

_ENVELOPE = re.compile(r".+\.v\d+\.json\Z")


@dataclass(frozen=True)
class Recorded:
    """What the tests recorded, by ``<module>.<operation>``, by that and the problem's code, and by event."""

    answers: Mapping[str, Mapping[str, Any]]
    refusals: Mapping[tuple[str, str], Mapping[str, Any]]
    events: Mapping[str, Mapping[str, Any]]
    files: Files


def read(root: Path) -> Recorded:
    """The examples below a folder."""
    paths = [*(root / EXAMPLES).glob("*.json"), *(path for path in (root / EVENTS).glob("*.json") if _event(path))]
    files = {path.relative_to(root).as_posix(): path.read_text() for path in sorted(paths)}
    answers, refusals, events = {}, {}, {}
    for name, text in files.items():
        stem = Path(name).name.removesuffix(".json")
        if name.startswith(f"{EVENTS}/"):
            events[stem] = json.loads(text)
        elif name != OWNERS:
            operation, _, code = stem.partition(".")[2].partition(".")
            key = f"{stem.partition('.')[0]}.{operation}"
            if code:
                refusals[key, code] = json.loads(text)
            else:
                answers[key] = json.loads(text)
    return Recorded(answers, refusals, events, files)


def event_name(event: type[Event]) -> str:
    """The name of an event's files, such as ``invoice.created.v1``."""
    return f"{event.type}.v{event.version}"


def missing(recorded: Recorded, operations: Iterable[str], events: Iterable[type[Event]]) -> list[str]:
    """What has no example yet, and how to give it one."""
    without = [
        f"no example of {name}; give a test of it the example fixture and @pytest.mark.example"
        for name in operations
        if name not in recorded.answers
    ]
    return without + [
        f"no example of the event {event_name(event)}; mark a test that causes it with @pytest.mark.example"
        for event in events
        if event_name(event) not in recorded.events
    ]


def event_payload(envelope: Mapping[str, Any]) -> dict[str, Any]:
    """An envelope as a subscriber's function receives it: an SQS batch of one EventBridge event."""
    bus_event = {
        "version": "0",
        "id": envelope["id"],
        "detail-type": envelope["type"],
        "source": envelope["source"],
        "account": ACCOUNT,
        "time": envelope["time"],
        "region": REGION,
        "resources": [],
        "detail": envelope,
    }
    body = json.dumps(bus_event, ensure_ascii=False)
    record = {
        "messageId": envelope["id"],
        "receiptHandle": "example",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "SenderId": ACCOUNT},
        "messageAttributes": {},
        "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:bigledger-example",
        "awsRegion": REGION,
    }
    return {"Records": [record]}


def envelope_of(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The envelope inside such a payload."""
    detail: dict[str, Any] = json.loads(payload["Records"][0]["body"])["detail"]
    return detail


def as_json(value: Any) -> str:
    """A JSON file's text."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _event(path: Path) -> bool:
    return _ENVELOPE.match(path.name) is not None and not path.name.endswith(".schema.json")
