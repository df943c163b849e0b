"""What an operation is given besides its command: tenant, actor, clock, unit of work and emit."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from bigledger.kernel.clock import Clock

if TYPE_CHECKING:
    from bigledger.kernel.documents import Document
    from bigledger.kernel.events import Event
    from bigledger.kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Tenant:
    """The tenant a request belongs to. ``configuration_version`` moves with every change of its set-up."""

    id: UUID
    name: str = ""
    status: str = "active"
    configuration_version: int = 0


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a user, an API key, an applet's key, the operator or the system itself."""

    id: str
    kind: str = "system"
    name: str = "BigLedger"
    permissions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    version: int | None = None
    """The version of the key document this actor was authorized with; None when there is none."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the kernel knows of the call itself: for logs, events and preconditions, not for rules."""

    operation: str
    id: str
    correlation_id: str
    causation_id: str | None = None
    idempotency_key: str | None = None
    expected_version: int | None = None
    dry_run: bool = False


@dataclass(slots=True)
class Context:
    """Everything an operation may know beyond its command. Nothing else is injected."""

    tenant: Tenant
    actor: Actor
    clock: Clock
    work: "UnitOfWork"
    request: Request
    now: datetime = field(init=False)
    """The one instant of this request, UTC."""

    def __post_init__(self) -> None:
        self.now = self.clock.now()

    def emit(self, event: "Event", subject: "Document") -> None:
        """Record a domain event about a document; it is published once the transaction has committed."""
        self.work.emit(event, subject, self)

    def today(self, timezone: str) -> date:
        """The calendar date of this request in an IANA time zone."""
        return self.now.astimezone(ZoneInfo(timezone)).date()

    @property
    def new_id(self) -> Callable[[], UUID]:
        """Makes a new UUIDv7."""
        return self.clock.new_id
