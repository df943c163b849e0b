"""The shapes of contra settlements: what one party owes as a customer set off against what it is owed as a supplier."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import Field

from bigledger.kernel import Amount, Answer, Command, Currency, Day, Filter, ListQuery, Ref, Reference, Text
from bigledger.ledger import Posting
from bigledger.receivables.model import Links
from bigledger.receivables.payment_model import Allocation, PaidAmount, SettledInvoice

Allocations = Annotated[list[Allocation], Field(min_length=1, max_length=200)]


class NewContraSettlement(Command):
    """What a customer owes, set off against what the same party is owed as a supplier, in one currency.

    They are one party when they have the same tax number or the same code. ``receivables`` and ``payables`` name
    documents or open items, each with an amount of it at most; without them everything open is taken, the earliest
    due first. ``amount`` is what is set off, as much as there is on both sides when absent.
    """

    customer: Reference
    supplier: Reference
    company: Reference | None = None
    currency: Currency | None = None
    amount: PaidAmount | None = None
    receivables: Allocations | None = None
    payables: Allocations | None = None
    date: Day | None = None
    reason: Text | None = None


class ContraReference(Command):
    """Names a contra settlement by its id or number."""

    id: Reference


class VoidContraSettlement(Command):
    """Voids a contra settlement. ``date`` is the accounting date of the reversal, its own when absent."""

    id: Reference
    reason: Text
    date: Day | None = None


class SettledPayable(Answer):
    """A document that the company owes, and what is left to pay of it; amounts are above zero."""

    document: Ref
    type: str
    amount: Amount
    amount_due: Amount


class ContraSummary(Answer):
    """A contra settlement in a list; ``amount`` is in ``currency``."""

    id: UUID
    number: str
    status: str
    version: int
    company: Ref
    customer: Ref
    supplier: Ref
    date: dt.date
    currency: str
    amount: Amount


class ContraData(Answer):
    """What is stored of a contra settlement besides the columns of its document."""

    company: Ref
    customer: Ref
    supplier: Ref
    date: dt.date
    currency: str
    amount: Amount
    receivables: list[SettledInvoice]
    payables: list[SettledPayable]
    reason: str | None = None
    void_reason: str | None = None
    voided_on: dt.date | None = None


class ContraSettlement(ContraData):
    """A contra settlement, posted."""

    id: UUID
    number: str
    status: str
    version: int
    posting: Posting
    events: list[str]
    links: Links


class ContraList(ListQuery):
    """Contra settlements by status, customer and date."""

    allowed_filters = {
        "status": Filter("status"),
        "number": Filter("number"),
        "customer": Filter("party_id", "uuid", "customer"),
        "date": Filter("date", "date"),
    }
    allowed_sorts = ("date", "number")
