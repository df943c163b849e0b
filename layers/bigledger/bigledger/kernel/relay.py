"""The relay: the only publisher. It takes committed events from the outbox to the bus, at least once."""

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson
from pydantic import BaseModel

from bigledger.kernel.database import Transaction, transaction
from bigledger.kernel.events import envelope
from bigledger.kernel.observability import logger

BATCH = 200
"""Events taken from the outbox per transaction."""

_ENTRIES = 10  # the most PutEvents takes at once

_TAKE = """
    SELECT o.ctid::text AS place, o.destination, e.*, e.data::text AS body
    FROM kernel.outbox o JOIN kernel.event e ON e.tenant_id = o.tenant_id AND e.id = o.event_id
    ORDER BY o.event_id LIMIT :limit FOR UPDATE OF o SKIP LOCKED
"""


class Relayed(BaseModel):
    """What one run of the relay did."""

    published: int = 0
    refused: int = 0


def relay(limit: int = 10_000) -> Relayed:
    """Publish what waits in the outbox, oldest first; what the bus refuses stays for the next run."""
    published = refused = 0
    while published < limit:
        with transaction("dispatcher") as opened:
            rows = opened.rows(_TAKE, limit=BATCH)
            accepted = _publish(rows)
            _delete(opened, accepted)
        published += len(accepted)
        refused += len(rows) - len(accepted)
        if len(rows) < BATCH or len(accepted) < len(rows):
            break
    return Relayed(published=published, refused=refused)


def _publish(rows: Sequence[Any]) -> list[Any]:
    """Hand the rows to the bus, or to one consumer's queue; answers those it took."""
    accepted = [row for row in rows if row.destination is not None and _send(row)]
    waiting = [row for row in rows if row.destination is None]
    for start in range(0, len(waiting), _ENTRIES):
        chunk = waiting[start : start + _ENTRIES]
        result = _client("events").put_events(Entries=[_entry(row) for row in chunk])
        for row, outcome in zip(chunk, result["Entries"], strict=True):
            if outcome.get("EventId"):
                accepted.append(row)
            else:
                logger.warning("event refused", extra={"event_id": str(row.id), "reason": outcome.get("ErrorMessage")})
    return accepted


def _entry(row: Any) -> dict[str, Any]:
    return {
        "Source": f"bigledger.{row.source}",
        "DetailType": row.type,
        "Detail": _detail(row),
        "EventBusName": os.environ.get("EVENT_BUS", "bigledger"),
        "Time": row.recorded_at,
    }


def _detail(row: Any) -> str:
    return orjson.dumps(envelope(row, orjson.Fragment(row.body))).decode()


def _send(row: Any) -> bool:
    """Send an event to one consumer only, shaped as the bus would have."""
    sqs = _client("sqs")
    prefix = os.environ.get("STACK", "bigledger")
    url = sqs.get_queue_url(QueueName=f"{prefix}-{row.destination.replace('.', '-')}")["QueueUrl"]
    message = {"id": str(row.id), "source": f"bigledger.{row.source}", "detail-type": row.type}
    body = orjson.dumps(message | {"detail": orjson.Fragment(_detail(row))}).decode()
    sqs.send_message(QueueUrl=url, MessageBody=body)
    return True


def _delete(opened: Transaction, accepted: Sequence[Any]) -> None:
    if accepted:
        places = orjson.dumps([row.place for row in accepted]).decode()
        opened.rows(
            "DELETE FROM kernel.outbox WHERE ctid IN"
            " (SELECT value::tid FROM jsonb_array_elements_text(cast(:places AS jsonb)))",
            places=places,
        )


@lru_cache(maxsize=2)
def _client(name: str) -> Any:
    import boto3

    return boto3.client(name)
