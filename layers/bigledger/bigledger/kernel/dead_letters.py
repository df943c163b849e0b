"""Events that a subscriber could not take are put aside with the reason, and can be sent to it again."""

from uuid import UUID

from bigledger.kernel import documents, runtime
from bigledger.kernel.context import Actor, Context, Request, Tenant
from bigledger.kernel.database import constraint, transaction
from bigledger.kernel.documents import Document
from bigledger.kernel.events import Delivery
from bigledger.kernel.flush import OUTBOX
from bigledger.kernel.problems import Conflict
from bigledger.kernel.transactions import open_tenant
from bigledger.kernel.unit_of_work import UnitOfWork
from bigledger.kernel.wire import Answer

TYPE = "dead_letter"

constraint("outbox_event", lambda: Conflict("The event is on its way to this consumer already. Wait for it."))


class DeadLetterData(Answer):
    """Which event a subscriber could not take, and why."""

    consumer: str
    event_id: UUID
    event_type: str
    event_version: int
    subject: str
    reason: str


def put_aside(consumer: str, received: Delivery, reason: str, request: Request, actor: Actor) -> None:
    """Store a dead letter for the event's tenant, in a transaction of its own.

    There is one letter per consumer and event: a failure after a redrive opens it again.
    """
    number = f"{consumer}/{received.id}"
    data = DeadLetterData(
        consumer=consumer,
        event_id=received.id,
        event_type=received.type,
        event_version=received.version,
        subject=received.subject,
        reason=reason[:2000],
    )
    with transaction() as opened:
        work = UnitOfWork(opened, runtime.clock)
        context = Context(Tenant(received.tenant_id), actor, runtime.clock, work, request)
        # The key lets two deliveries at once put it aside one after the other.
        open_tenant(opened, received.tenant_id, context.now, key=f"dead letter {number}")
        stored = work.read_json(
            f"SELECT {documents.AS_JSON}::text FROM kernel.document d WHERE d.type = :type AND d.number = :number",
            type=TYPE,
            number=number,
        )
        if stored is None:
            documents.create(context, Document(context.new_id(), TYPE, "open", data, number=number))
        elif stored["status"] != "open":
            documents.change(context, documents.from_json(stored), status="open", data=data)
        work.flush()


def send_again(context: Context, letter: Document) -> Document:
    """Put the event back in the outbox for that one subscriber and mark the letter redriven."""
    data = letter.read(DeadLetterData)
    if not context.work.read("SELECT 1 FROM kernel.event WHERE id = cast(:id AS uuid)", id=str(data.event_id)):
        raise Conflict(
            f"The event {data.event_id} was never recorded here, so it cannot be sent again. Whatever sent it to the"
            " queue has to be asked."
        )
    context.work.append(OUTBOX, [{"event_id": data.event_id, "destination": data.consumer}])
    return documents.change(context, letter, status="redriven")
