"""The relay: the only publisher. It takes committed events from the outbox to the bus, at least once."""

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel

from bigledger.kernel import runtime
from bigledger.kernel.database import Transaction, transaction
from bigledger.kernel.events import DATA_LIMIT, envelope
from bigledger.kernel.observability import logger, measure
from bigledger.kernel.serialization import json_text

BATCH = 200
"""Events taken from the outbox per transaction."""

_ENTRIES = 10  # the most PutEvents takes at once
_BYTES = 256 * 1024  # the most they may have together
_SLACK = 1024  # what counts of an entry besides its detail, at most

_BEGINNING = str(UUID(int=0))

# Data over the limit is not fetched: the envelope says where to find it.
_TAKE = """
    SELECT o.destination, e.tenant_id, e.id, e.type, e.version, e.source, e.subject_type, e.subject_id, e.sequence,
           e.actor_id, e.actor_kind, e.operation, e.correlation_id, e.causation_id, e.recorded_at,
           CASE WHEN octet_length(e.data::text) <= :data_limit THEN e.data::text END AS body
    FROM kernel.outbox o JOIN kernel.event e ON e.tenant_id = o.tenant_id AND e.id = o.event_id
    WHERE o.event_id > cast(:after AS uuid)
    ORDER BY o.event_id LIMIT :limit FOR UPDATE OF o SKIP LOCKED
"""

_DELETE = """
    DELETE FROM kernel.outbox o
    USING jsonb_to_recordset(cast(:accepted AS jsonb)) AS a(tenant_id uuid, event_id uuid, destination text)
    WHERE o.tenant_id = a.tenant_id AND o.event_id = a.event_id AND o.destination IS NOT DISTINCT FROM a.destination
"""

_WAITING = "SELECT count(*) AS events, min(created_at) AS oldest FROM kernel.outbox"


class Relayed(BaseModel):
    """What one run of the relay did."""

    published: int = 0
    refused: int = 0


def relay(limit: int = 10_000) -> Relayed:
    """Publish what waits in the outbox, oldest first; what is refused stays for the next run and holds nobody up.

    Relays that run at the same time take different events. Raises what the network raises when the bus does not
    answer; what it accepted until then has left the outbox.
    """
    published = refused = 0
    after = _BEGINNING
    while published + refused < limit:
        with transaction("dispatcher") as opened:
            rows = opened.rows(_TAKE, limit=BATCH, after=after, data_limit=DATA_LIMIT)
            accepted, broken = _publish(rows)
            _delete(opened, accepted)
        if broken is not None:
            raise broken
        published += len(accepted)
        refused += len(rows) - len(accepted)
        if len(rows) < BATCH:
            break
        after = str(rows[-1].id)
    _tell_what_waits()
    return Relayed(published=published, refused=refused)


def _tell_what_waits() -> None:
    """Publish how many events are left and how long the oldest has waited, in seconds; an alarm watches that."""
    with transaction("dispatcher") as opened:
        left = opened.row(_WAITING)
    waited = 0 if left.oldest is None else int((runtime.clock.now() - left.oldest).total_seconds())
    measure({"OutboxAge": max(0, waited)}, {"OutboxWaiting": left.events})


def _publish(rows: Sequence[Any]) -> tuple[list[Any], Exception | None]:
    """Hand the rows over; answers those that were accepted, and what broke off the attempt if something did."""
    if not rows:
        return [], None
    from botocore.exceptions import BotoCoreError

    accepted: list[Any] = []
    try:
        for row in _accepted(rows):
            accepted.append(row)
    except BotoCoreError as error:
        return accepted, error
    return accepted, None


def _accepted(rows: Sequence[Any]) -> Iterator[Any]:
    """Hand the rows to the bus, those for one consumer to its queue; yields each that was accepted."""
    for chunk in _chunks(row for row in rows if row.destination is None):
        yield from _put(chunk)
    for row in rows:
        if row.destination is not None and _send(row):
            yield row


def _chunks(rows: Iterable[Any]) -> Iterator[list[tuple[Any, dict[str, Any]]]]:
    """The rows with their entries, as many together as PutEvents takes."""
    chunk: list[tuple[Any, dict[str, Any]]] = []
    size = 0
    for row in rows:
        detail = _detail(row)
        if chunk and (len(chunk) == _ENTRIES or size + len(detail) + _SLACK > _BYTES):
            yield chunk
            chunk, size = [], 0
        size += len(detail) + _SLACK
        chunk.append((row, _entry(row, detail)))
    if chunk:
        yield chunk


def _put(chunk: list[tuple[Any, dict[str, Any]]]) -> list[Any]:
    """Put entries on the bus; answers the rows of those it took."""
    from botocore.exceptions import ClientError

    try:
        outcomes = _client("events").put_events(Entries=[entry for _, entry in chunk])["Entries"]
    except ClientError as error:
        outcomes = [{"ErrorMessage": str(error)}] * len(chunk)
    accepted = []
    for (row, _), outcome in zip(chunk, outcomes, strict=True):
        if outcome.get("EventId"):
            accepted.append(row)
        else:
            _refused(row, outcome.get("ErrorMessage"))
    return accepted


def _entry(row: Any, detail: bytes) -> dict[str, Any]:
    return {
        "Source": f"bigledger.{row.source}",
        "DetailType": row.type,
        "Detail": detail.decode(),
        "EventBusName": os.environ.get("EVENT_BUS", "bigledger"),
        "Time": row.recorded_at,
    }


def _detail(row: Any) -> bytes:
    return orjson.dumps(envelope(row, None if row.body is None else orjson.Fragment(row.body)))


def _send(row: Any) -> bool:
    """Send an event to one consumer only, shaped as the bus would have; whether its queue took it."""
    from botocore.exceptions import ClientError

    sqs = _client("sqs")
    name = f"{os.environ.get('STACK', 'bigledger')}-{row.destination.replace('.', '-')}"
    message = {"id": str(row.id), "source": f"bigledger.{row.source}", "detail-type": row.type}
    body = orjson.dumps(message | {"detail": orjson.Fragment(_detail(row))}).decode()
    try:
        sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"], MessageBody=body)
    except ClientError as error:
        _refused(row, str(error))
        return False
    return True


def _refused(row: Any, reason: str | None) -> None:
    logger.warning("event refused", extra={"event_id": str(row.id), "to": row.destination or "bus", "reason": reason})


def _delete(opened: Transaction, accepted: Sequence[Any]) -> None:
    """Take what was accepted out of the outbox; the rows are locked since they were read."""
    if accepted:
        keys = [{"tenant_id": row.tenant_id, "event_id": row.id, "destination": row.destination} for row in accepted]
        opened.rows(_DELETE, accepted=json_text(keys))


@lru_cache(maxsize=2)
def _client(name: str) -> Any:
    import boto3
    from botocore.config import Config

    patience = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "max_attempts": 3})
    return boto3.client(name, config=patience)
