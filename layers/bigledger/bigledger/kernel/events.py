"""Domain events: facts in the past tense, declared as versioned pydantic models.

An event is stored with the rows it tells of, in the same transaction, and published afterwards as a
CloudEvents 1.0 envelope.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

SPECVERSION = "1.0"
"""The CloudEvents version of published events."""

DATA_LIMIT = 200 * 1024
"""The most data an event is published with, in bytes. Larger data is read where ``dataref`` says."""


class Event(BaseModel):
    """The data of one event. Fat enough that a subscriber need not call back."""

    model_config = ConfigDict(frozen=True, defer_build=True)
    type: ClassVar[str]
    version: ClassVar[int]
    source: ClassVar[str]
    """The module that tells it."""


EventClass = TypeVar("EventClass", bound=type[Event])

_events: dict[tuple[str, int], type[Event]] = {}


def event(type: str, version: int = 1) -> Callable[[EventClass], EventClass]:
    """Declare an event: ``@event("invoice.created")``. Adding an optional field keeps the version."""

    def declare(model: EventClass) -> EventClass:
        known = _events.get((type, version))
        if known is not None and known.__qualname__ != model.__qualname__:
            raise ValueError(f"the event {type} version {version} is declared twice")
        model.type, model.version = type, version
        model.source = model.__module__.removeprefix("bigledger.").partition(".")[0]
        _events[type, version] = model
        return model

    return declare


def declared_events() -> dict[tuple[str, int], type[Event]]:
    """Every event declared so far by (type, version)."""
    return dict(_events)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The envelope of a delivered event: who, when, why; its data is handed over beside it."""

    id: UUID
    type: str
    version: int
    tenant_id: UUID
    subject: str
    sequence: int
    time: datetime
    actor_id: str
    actor_kind: str
    operation: str
    correlation_id: str
    data: dict[str, Any] | None
    """None when it was too large to be delivered; it is stored with the event."""


def envelope(row: Any, data: Any) -> dict[str, Any]:
    """The CloudEvents envelope of a stored event row; ``data`` is its data, None when that is too large to publish.

    Attributes beyond the core ones are extension attributes, lower case as CloudEvents asks. ``subject`` is
    ``<document type>/<id>`` and ``sequence`` counts the events of that subject from 1. In place of data that is
    too large stands ``dataref``, the path of the API at which the whole event is read (CloudEvents' claim check).
    """
    carried = {"dataref": f"/api/v1/events/{row.id}"} if data is None else {"data": data}
    return {
        "specversion": SPECVERSION,
        "id": str(row.id),
        "source": f"bigledger.{row.source}",
        "type": row.type,
        "version": row.version,
        "subject": f"{row.subject_type}/{row.subject_id}",
        "time": row.recorded_at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "dataschema": f"urn:bigledger:event:{row.type}:{row.version}",
        "tenantid": str(row.tenant_id),
        "sequence": row.sequence,
        "actorid": row.actor_id,
        "actorkind": row.actor_kind,
        "operation": row.operation,
        "correlationid": row.correlation_id,
        "causationid": row.causation_id,
        **carried,
    }


def delivery(detail: dict[str, Any]) -> Delivery:
    """Read an envelope as it arrives at a subscriber."""
    return Delivery(
        id=UUID(detail["id"]),
        type=detail["type"],
        version=int(detail["version"]),
        tenant_id=UUID(detail["tenantid"]),
        subject=detail["subject"],
        sequence=int(detail["sequence"]),
        time=datetime.fromisoformat(detail["time"]),
        actor_id=detail["actorid"],
        actor_kind=detail["actorkind"],
        operation=detail["operation"],
        correlation_id=detail["correlationid"],
        data=None if "dataref" in detail else detail["data"],
    )
