"""``@subscriber``: a function whose caller is an event, delivered at least once and taking effect once."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_type_hints

from pydantic import ValidationError
from pydantic_core import from_json

from bigledger.kernel import dead_letters, runtime
from bigledger.kernel.context import Actor, Context, Request, Tenant
from bigledger.kernel.database import transaction
from bigledger.kernel.deployment import answers_deployments
from bigledger.kernel.events import Delivery, Event, delivery
from bigledger.kernel.flush import IDEMPOTENCY
from bigledger.kernel.intake import field_errors
from bigledger.kernel.naming import module_of, summary_of
from bigledger.kernel.observability import begin, logger, record
from bigledger.kernel.transactions import insistently, nudge, open_tenant, tenant_of
from bigledger.kernel.unit_of_work import UnitOfWork

DELIVERIES = 5
"""After this many failed deliveries an event is put aside as a dead letter."""


class UnreadableEvent(Exception):
    """The subscriber does not know this version of the event, or its data is not what that version says."""


@dataclass(frozen=True)
class Subscriber:
    """A declared subscriber. Calling it with an SQS batch is the Lambda; ``run`` is the function itself."""

    name: str
    module: str
    function: Callable[[Any, Context], None]
    event: type[Event]
    emits: tuple[type[Event], ...]
    memory: int
    timeout: int
    files: bool = False

    @property
    def consumer(self) -> str:
        """The name its effects are recorded under: ``reporting.on_invoice_created``."""
        return f"{self.module}.{self.name}"

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return summary_of(self.function)

    def run(self, event: Event, context: Context) -> None:
        """Run the rule itself, inside a transaction the caller has opened."""
        self.function(event, context)

    @answers_deployments
    def __call__(self, batch: Mapping[str, Any], lambda_context: Any) -> dict[str, Any]:
        """Handle an SQS batch of EventBridge events; answers the messages to be delivered again."""
        failures = [message["messageId"] for message in batch["Records"] if not _consume(self, message)]
        return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in failures]}


def subscriber(
    event: type[Event],
    *,
    emits: Sequence[type[Event]] = (),
    memory: int = 512,
    timeout: int = 60,
    files: bool = False,
) -> Callable[[Callable[[Any, Context], None]], Subscriber]:
    """Declare a subscriber to one event: its function takes the event's data and the context.

    ``files`` gives it the object store.
    """

    def declare(function: Callable[[Any, Context], None]) -> Subscriber:
        hints = get_type_hints(function)
        if hints.get("context") is not Context or event not in hints.values():
            raise TypeError(f"{function.__name__} must take a {event.__name__} and a Context")
        module = module_of(function)
        return Subscriber(function.__name__, module, function, event, tuple(emits), memory, timeout, files)

    return declare


def _consume(declared: Subscriber, message: Mapping[str, Any]) -> bool:
    """Deliver one message; False asks the queue for another delivery."""
    started = time.perf_counter()
    try:
        received = delivery(from_json(message["body"])["detail"])
    except (KeyError, TypeError, ValueError):
        # It names no tenant to tell: after some deliveries the queue puts it among its own dead letters.
        logger.exception("not an event", extra={"message_id": message["messageId"]})
        return False
    request = Request(declared.consumer, message["messageId"], received.correlation_id, str(received.id))
    actor = Actor(id=declared.consumer, name=declared.consumer)
    begin(declared.name, str(received.tenant_id), actor, request)
    final = int(message.get("attributes", {}).get("ApproximateReceiveCount", "1")) >= DELIVERIES
    try:
        statements = _deliver(declared, received, request, actor)
    except UnreadableEvent as error:
        record(declared.name, "422", (time.perf_counter() - started) * 1000, 0, reason=str(error))
        return _put_aside(declared, received, str(error), request, actor)
    except Exception as error:  # noqa: BLE001 - the boundary: logged, delivered again, then put aside
        logger.exception("delivery failed")
        record(declared.name, "500", (time.perf_counter() - started) * 1000, 0)
        return final and _put_aside(declared, received, f"{type(error).__name__}: {error}", request, actor)
    record(declared.name, "200", (time.perf_counter() - started) * 1000, statements)
    return True


def _put_aside(declared: Subscriber, received: Delivery, reason: str, request: Request, actor: Actor) -> bool:
    """Make a dead letter of the event; False when even that fails, and the queue has to keep the message."""
    try:
        dead_letters.put_aside(declared.consumer, received, reason, request, actor)
    except Exception:  # noqa: BLE001 - the other messages of the batch must not suffer
        logger.exception("no dead letter could be made")
        return False
    return True


def _deliver(declared: Subscriber, received: Delivery, request: Request, actor: Actor) -> int:
    if (received.type, received.version) != (declared.event.type, declared.event.version):
        raise UnreadableEvent(
            f"{declared.consumer} reads {declared.event.type} version {declared.event.version},"
            f" not {received.type} version {received.version}. Deploy a release that reads it, then redrive."
        )
    try:
        event = declared.event.model_validate(_stored_data(received) if received.data is None else received.data)
    except ValidationError as error:
        places = "; ".join(f"{place['pointer']}: {place['message']}" for place in field_errors(error))
        raise UnreadableEvent(f"This is no {received.type} version {received.version}: {places}") from error
    return insistently(lambda: _once(declared, event, received, request, actor))


def _stored_data(received: Delivery) -> Any:
    """The data of an event that was too large to be delivered with it."""
    with transaction() as opened:
        open_tenant(opened, received.tenant_id, runtime.clock.now())
        row = opened.row("SELECT data::text FROM kernel.event WHERE id = cast(:id AS uuid)", id=str(received.id))
    return from_json(row[0])


def _once(declared: Subscriber, event: Event, received: Delivery, request: Request, actor: Actor) -> int:
    """Run the subscriber in one transaction with the mark that it has seen this event."""
    key = f"event {declared.consumer} {received.id}"
    with transaction() as opened:
        work = UnitOfWork(opened, runtime.clock)
        context = Context(Tenant(received.tenant_id), actor, runtime.clock, work, request)
        row = open_tenant(opened, received.tenant_id, context.now, key=key)
        if row.request_hash is None:
            context.tenant = tenant_of(received.tenant_id, row)
            declared.run(event, context)
            work.check_declared(declared.consumer, declared.emits)
            work.append(
                IDEMPOTENCY,
                [{"key": key, "operation": declared.consumer, "request_hash": "event", "status": 200, "body": ""}],
            )
            work.flush()
        statements = opened.statements
    if work.events:
        nudge()
    return statements
