"""The events of payables. Each carries the document as it stands after the fact."""

import datetime as dt
from uuid import UUID

from bigledger.kernel import Amount, Event, Ref, Text, event
from bigledger.payables.model import BillInBase, BillItem, BillTax


class BillFact(Event):
    """A bill at the moment of the event. Amounts are in ``currency``; ``base`` is there when that is foreign."""

    id: UUID
    number: str | None = None
    status: str
    company: Ref
    supplier: Ref
    supplier_number: str
    supplier_date: dt.date
    date: dt.date
    due_date: dt.date
    currency: str
    items: list[BillItem]
    subtotal: Amount
    tax_total: Amount
    total: Amount
    taxes: list[BillTax]
    base: BillInBase | None = None


@event("bill.created")
class BillCreated(BillFact):
    """A bill was entered: as a draft, waiting for approval, or posted, as its status says."""


@event("bill.updated")
class BillUpdated(BillFact):
    """A draft bill was changed."""


@event("bill.posted")
class BillPosted(BillFact):
    """A draft or approved bill was numbered and posted to the ledger."""


@event("bill.cancelled")
class BillCancelled(BillFact):
    """A bill was voided or its approval refused; what it posted is taken back on ``cancelled_on``."""

    cancelled_on: dt.date
    reason: Text
    previous_status: str


class BillSettlement(Event):
    """Something settled a bill, wholly or in part; ``payment_id`` is the payment, credit or allocation."""

    id: UUID
    number: str
    supplier: Ref
    currency: str
    amount: Amount
    amount_due: Amount
    payment_id: UUID


@event("bill.partially_paid")
class BillPartiallyPaid(BillSettlement):
    """A part of a bill was settled."""


@event("bill.paid")
class BillPaid(BillSettlement):
    """A bill was settled in full."""


@event("bill.reopened")
class BillReopened(BillSettlement):
    """What settled a bill, wholly or in part, was taken back; ``amount`` of it is due again."""
