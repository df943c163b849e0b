"""The events of what is overdue, of reminding customers of it, and of holding their credit."""

import datetime as dt
from uuid import UUID

from bigledger.kernel import Amount, Event, Ref, Text, event
from bigledger.receivables.dunning_model import DunnedItem, MadeNotice
from bigledger.receivables.recipients import Recipient


@event("invoice.overdue")
class InvoiceOverdue(Event):
    """The due date of an invoice's instalment, or of a debit note's, is past; told once of each.

    ``amount`` is that of the instalment, ``amount_due`` what is open of it, in ``currency``. Of what an entry
    opened, as opening balances do, ``number`` is what the customer knows it by.
    """

    id: UUID
    number: str
    customer: Ref
    open_item_id: UUID
    instalment: int
    due_date: dt.date
    days_overdue: int
    currency: str
    amount: Amount
    amount_due: Amount
    document_type: str | None = None
    """What kind of document it is, when it is no invoice."""


@event("customer.status_changed")
class CustomerStatusChanged(Event):
    """A customer's credit was put on hold, or released."""

    id: UUID
    customer: Ref
    on_hold: bool
    reason: Text


class DunningFact(Event):
    """A letter about what is overdue. Amounts are in ``currency``; ``total`` is with fee and interest."""

    id: UUID
    number: str
    run: Ref
    company: Ref
    customer: Ref
    date: dt.date
    procedure: str
    level: int
    currency: str
    items: list[DunnedItem]
    overdue: Amount
    fee: Amount | None = None
    interest: Amount | None = None
    total: Amount
    pay_by: dt.date
    text: str | None = None
    email: str | None = None
    recipients: list[Recipient] | None = None


@event("dunning.issued")
class DunningIssued(DunningFact):
    """A customer is to be reminded of what is overdue; the fee, if there is one, is posted."""


@event("dunning.sent")
class DunningSent(DunningFact):
    """A letter was sent."""

    sent_by: str | None = None


class DunningRunFact(Event):
    """A dunning run and its letters."""

    id: UUID
    company: Ref
    date: dt.date
    procedure: str | None = None
    notices: list[MadeNotice]
    sent_by: str | None = None


@event("dunning_run.created")
class DunningRunCreated(DunningRunFact):
    """Letters were made of what is overdue."""


@event("dunning_run.sent")
class DunningRunSent(DunningRunFact):
    """The letters of a run were sent."""
