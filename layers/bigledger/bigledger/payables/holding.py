"""Bills on hold: not paid until they are released, as while goods are missing or the supplier is asked.

A payment block, as SAP has on invoices and ERPNext as its invoices on hold. Payment runs and payments that name no
bills leave them out; what the bank has paid is recorded all the same, and credits can be used for them.
"""

from collections.abc import Iterable, Mapping

from bigledger.kernel import Conflict, Context, Document, Table, database, documents
from bigledger.ledger import shown_entries
from bigledger.payables import queries
from bigledger.payables.answers import answer, fact
from bigledger.payables.events import BillHeld, BillReleased
from bigledger.payables.model import Bill, BillData, BillReference, HoldBill

_HOLD = Table("payables.bill_hold", ("bill_id", "number", "reason"))


class BillOnHold(Conflict):
    """A bill is not to be paid until it is released."""

    title = "The bill is on hold"


for _name in ("bill_held_once", "bill_held_then_released"):
    database.constraint(_name, lambda: Conflict("Somebody put the bill on hold or released it just now."))


def hold(command: HoldBill, context: Context) -> Bill:
    """Keep a bill that is owed from being paid. Raises Conflict for one that is not owed, or is on hold."""
    return _change(context, command.id, command.reason)


def release(command: BillReference, context: Context) -> Bill:
    """Let a bill be paid again. Raises Conflict for one that is not on hold."""
    return _change(context, command.id, None)


def check_not_held(found: Iterable[Document], held: Mapping[str, str]) -> None:
    """Raise BillOnHold where one of the documents is not to be paid; ``held`` are the reasons by id."""
    named = [f"{document.number} ({held[str(document.id)]})" for document in found if str(document.id) in held]
    if named:
        raise BillOnHold(f"Not to be paid: {', '.join(named)}. Release the bill first.")


def _change(context: Context, reference: str, reason: str | None) -> Bill:
    stored = queries.bill(context, reference)
    document = stored.document
    documents.check_version(context, document)
    documents.check_status(document, ("posted", "partially_paid"), "held" if reason else "released")
    if (stored.hold is None) == (reason is None):
        raise Conflict(f"{document.number} is {'on hold already' if reason else 'not on hold'}.")
    documents.change(context, document)
    context.work.append(_HOLD, [{"bill_id": document.id, "number": stored.holds + 1, "reason": reason}])
    data = document.read(BillData)
    told = fact(BillHeld, document, data, reason=reason) if reason else fact(BillReleased, document, data)
    context.emit(told, document)
    events = [*stored.events, *(event.type for event, _ in context.work.events)]
    made = answer(document, data, shown_entries(stored.entries), events, stored.due)
    return made.model_copy(update={"payment_hold": reason})
