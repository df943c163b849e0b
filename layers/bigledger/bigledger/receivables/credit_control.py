"""What customers may still buy on credit: how it stands, and holding it back by hand."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.kernel import (
    Amount,
    Answer,
    Command,
    Conflict,
    Context,
    NotFound,
    Problem,
    Ref,
    Reference,
    Table,
    Text,
    database,
    documents,
)
from bigledger.kernel.documents import AS_JSON, from_json, matching
from bigledger.kernel.money import quantum
from bigledger.receivables.reminder_events import CustomerStatusChanged
from bigledger.records import company_of

_HOLD = Table("receivables.credit_hold", ("customer_id", "number", "action", "reason"))

database.constraint("credit_held_once", lambda: Conflict("The hold was changed meanwhile. Read the credit again."))

HOLD = """
    (SELECT jsonb_build_object('number', h.number, 'held', h.action = 'held', 'reason', h.reason)
     FROM receivables.credit_hold h WHERE h.customer_id = {customer} ORDER BY h.number DESC LIMIT 1)
"""
"""SQL of the last word on a customer's credit: its number, whether it is held, and why; null when nothing was said."""


class CustomerOnHold(Problem):
    """The customer's credit is held: nothing more is sold to it on credit until it is released."""

    title = "The customer's credit is on hold"


def refuse_held(code: str, hold: Any) -> None:
    """Raise CustomerOnHold where the last word is a hold."""
    if hold and hold["held"]:
        raise CustomerOnHold(
            f"The credit of {code} is on hold: {hold['reason']}. Keep the invoice as a draft, or release the credit.",
            customer=code,
            reason=hold["reason"],
        )


class CreditQuery(Command):
    """Whose credit, with which company."""

    id: Reference
    company: Reference | None = None


class CreditChange(Command):
    """Whose credit is held or released, and why."""

    id: Reference
    reason: Text


class CustomerCredit(Answer):
    """How a customer's credit stands, in the company's base currency. No limit means unlimited.

    ``exposure`` is what is open of what it owes and what waits for approval; ``overdue`` is a part of the first.
    ``in_favour`` is what advances and credit notes left over: it frees credit once it is allocated.
    """

    customer: Ref
    company: Ref
    currency: str
    limit: Amount | None = None
    exposure: Amount
    available: Amount | None = None
    open: Amount
    waiting_for_approval: Amount
    overdue: Amount
    in_favour: Amount
    on_hold: bool
    hold_reason: str | None = None


class CreditHeld(Answer):
    """A customer whose credit was held or released."""

    customer: Ref
    on_hold: bool
    reason: str
    version: int
    events: list[str]


CREDIT_FIELDS = f"""
    'limit', c.data->>'credit_limit',
    'exposure', (SELECT e.amount::text FROM receivables.exposure e
                 WHERE e.company_id = cast(:company AS uuid) AND e.customer_id = c.id),
    'waiting', (SELECT sum(coalesce((w.data->'base'->>'total')::numeric, w.total))::text FROM kernel.document w
                WHERE w.type = 'invoice' AND w.status = 'pending_approval' AND w.party_id = c.id
                  AND w.company_id = cast(:company AS uuid)),
    'overdue', (SELECT sum(b.base_amount - b.base_settled)::text FROM ledger.open_item_balance b
                WHERE b.party_id = c.id AND b.subledger = 'receivable' AND b.open AND b.amount > 0
                  AND b.company_id = cast(:company AS uuid) AND b.due_date < cast(:today AS date)),
    'in_favour', (SELECT (-sum(b.base_amount - b.base_settled))::text FROM ledger.open_item_balance b
                  WHERE b.party_id = c.id AND b.subledger = 'receivable' AND b.open AND b.amount < 0
                    AND b.company_id = cast(:company AS uuid)),
    'hold', {HOLD.format(customer="c.id")}
"""
"""The members of a JSON object that ``read_credit`` reads, of a customer ``c``."""

_CREDIT = f"""
    SELECT jsonb_build_object(
        'customer', jsonb_build_object('id', c.id, 'code', c.number, 'name', c.data->>'name'), {CREDIT_FIELDS})::text
    FROM kernel.document c WHERE c.type = 'customer' AND {{match}}
"""


def credit(query: CreditQuery, context: Context) -> CustomerCredit:
    """How a customer's credit stands now; one statement. Raises NotFound."""
    company = company_of(context, query.company)
    found = context.work.read_json(
        _CREDIT.format(match=matching(query.id, "c")),
        reference=query.id,
        company=str(company.id),
        today=str(context.clock.today(company.data.timezone)),
    )
    if found is None:
        raise NotFound(f"There is no customer {query.id}.")
    return read_credit(found, company.ref, company.data.currency)


def read_credit(found: Any, company: Ref, currency: str) -> CustomerCredit:
    """The credit that CREDIT_FIELDS answered."""
    unit = quantum(currency)

    def amount(name: str) -> Decimal:
        return Decimal(found[name] or 0).quantize(unit)

    limit = None if found["limit"] is None else Decimal(found["limit"]).quantize(unit)
    exposure, waiting, hold = amount("exposure"), amount("waiting"), found["hold"]
    return CustomerCredit(
        customer=Ref(**found["customer"]),
        company=company,
        currency=currency,
        limit=limit,
        exposure=exposure,
        available=None if limit is None else limit - exposure,
        open=exposure - waiting,
        waiting_for_approval=waiting,
        overdue=amount("overdue"),
        in_favour=amount("in_favour"),
        on_hold=bool(hold and hold["held"]),
        hold_reason=hold["reason"] if hold and hold["held"] else None,
    )


_CUSTOMER = f"""
    SELECT jsonb_build_object('document', {AS_JSON}, 'hold', {HOLD.format(customer="d.id")})::text
    FROM kernel.document d WHERE d.type = 'customer' AND d.status = 'active' AND {{match}}
"""


def change(command: CreditChange, held: bool, context: Context) -> CreditHeld:
    """Hold a customer's credit, or release it. Raises NotFound, Conflict where it stands so already."""
    found = context.work.read_json(_CUSTOMER.format(match=matching(command.id)), reference=command.id)
    if found is None:
        raise NotFound(f"There is no active customer {command.id}.")
    document, hold = from_json(found["document"]), found["hold"]
    documents.check_version(context, document)
    if bool(hold and hold["held"]) == held:
        raise Conflict(f"The credit of {document.number} is {'held already' if held else 'not held'}.")
    action = "held" if held else "released"
    number = (hold["number"] if hold else 0) + 1
    row = {"customer_id": document.id, "number": number, "action": action, "reason": command.reason}
    context.work.append(_HOLD, [row])
    documents.change(context, document)
    customer = _ref(document.id, document)
    context.emit(
        CustomerStatusChanged(id=document.id, customer=customer, on_hold=held, reason=command.reason), document
    )
    return CreditHeld(
        customer=customer,
        on_hold=held,
        reason=command.reason,
        version=document.version,
        events=[event.type for event, _ in context.work.events],
    )


def _ref(id: UUID, document: documents.Document) -> Ref:
    data: Any = document.data
    return Ref(id=id, code=str(document.number), name=data["name"])
